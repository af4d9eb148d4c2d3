/** The schemas of an upload: its type, the resource that owns it, and its audio. */
import { z } from '@hono/zod-openapi';
import { audioMediaTypes } from '../audio/formats.ts';
import { documentedTypes, idError, idParameter, mustBeOneOf } from '../openapi/schemas.ts';
import { PathSchema } from '../uploads/path.ts';

/** Types that the vendor's own clients send in addition to the documented ones. They need no id. */
const typesWithoutId = ['general', 'voting', 'holdmusic', 'whisperaudio', 'prompts'] as const;
const observedTypes = ['survo', 'vmail', ...typesWithoutId] as const;

const types = [...documentedTypes, ...observedTypes] as const;

const typeSchema = z.enum(types, { error: mustBeOneOf(types) }).openapi('UploadType', {
  description: `The purpose of the audio. Documented: ${documentedTypes.join(', ')}. Observed in the vendor's clients: ${observedTypes.join(', ')}.`,
  example: 'findme',
});

const idDescription = `The ID of a resource of that type. Required except for ${typesWithoutId.join(', ')}.`;

const idSchema = z.int(idError).min(0, idError).max(999_999_999_999_999, idError).optional().openapi({
  format: 'int64',
  description: idDescription,
  example: 1234,
});

function hasNeededId({ type, id }: { type: string; id?: unknown }): boolean {
  return id !== undefined || typesWithoutId.some((name) => name === type);
}
const idIsNeeded = { path: ['id'], error: 'is required for this type' };

const upload = { type: typeSchema, id: idSchema, path: PathSchema };

export const UploadRequestSchema = z
  .strictObject(upload)
  .refine(hasNeededId, idIsNeeded)
  .openapi('UploadRequest', { description: 'The audio that the legacy service fetches, and its purpose.' });

export const UploadSchema = z
  .object(upload)
  .openapi('Upload', { description: 'Audio that the legacy service has accepted.' });

export const uploadAudioQuery = z
  .strictObject({
    type: typeSchema,
    id: idParameter.optional().openapi({ description: idDescription, example: 1234 }),
  })
  .refine(hasNeededId, idIsNeeded);

const UploadWarningSchema = z
  .object({
    code: z.enum(['audio-shorter-than-header', 'no-audio']).openapi('UploadWarningCode', {
      description:
        '`audio-shorter-than-header`: the header promises much more audio than arrived. `no-audio`: nothing follows the header.',
      example: 'audio-shorter-than-header',
    }),
    detail: z.string().max(500).openapi({
      description: 'The same in words.',
      example: 'The header promises 32000 bytes of audio; 16000 arrived.',
    }),
  })
  .openapi('UploadWarning', { description: 'A possible fault in uploaded audio.' });

export const AudioUploadSchema = z
  .object({
    type: typeSchema,
    id: idSchema,
    content_type: z
      .enum(audioMediaTypes)
      .openapi('AudioMediaType', { description: 'The media type of the audio.', example: 'audio/wav' }),
    warnings: z.array(UploadWarningSchema).max(2).optional().openapi({
      description: 'Present if the uploaded audio may be faulty.',
    }),
    content_length: z
      .int()
      .min(1)
      .max(5_000_000_000)
      .openapi({ format: 'int64', description: 'The number of bytes of audio.', example: 16044 }),
  })
  .openapi('AudioUpload', { description: 'Audio that was uploaded as bytes.' });
