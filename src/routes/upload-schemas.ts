/** What an upload is: for which thing of the account, and under which key it may be asked for again. */
import { z } from '@hono/zod-openapi';
import { maxIdempotencyKey, parseIdempotencyKey } from '../staging/idempotency-key.ts';
import { documentedTypes, idError, idParameter, mustBeOneOf } from './schemas.ts';
import { PathSchema } from './upload-path.ts';

/** What the vendor's own clients sent beside the page's types; these five need no id. */
const typesWithoutId = ['general', 'voting', 'holdmusic', 'whisperaudio', 'prompts'] as const;
const observedTypes = ['survo', 'vmail', ...typesWithoutId] as const;

const types = [...documentedTypes, ...observedTypes] as const;

const typeSchema = z.enum(types, { error: mustBeOneOf(types) }).openapi('UploadType', {
  description: `What the audio is for. Documented: ${documentedTypes.join(', ')}. Observed in the vendor's clients: ${observedTypes.join(', ')}.`,
  example: 'findme',
});

const idDescription = `The id of a thing of that type. Required but for ${typesWithoutId.join(', ')}.`;

const idSchema = z.int(idError).min(0, idError).max(999_999_999_999_999, idError).optional().openapi({
  format: 'int64',
  description: idDescription,
  example: 1234,
});

function hasNeededId({ type, id }: { type: string; id?: unknown }): boolean {
  return id !== undefined || typesWithoutId.some((name) => name === type);
}
const idIsNeeded = { path: ['id'], error: 'is required for this type' };

export const UploadSchema = z
  .strictObject({ type: typeSchema, id: idSchema, path: PathSchema })
  .refine(hasNeededId, idIsNeeded)
  .openapi('Upload', { description: 'Audio that the legacy service fetches by itself.' });

export const uploadAudioQuery = z
  .strictObject({
    type: typeSchema,
    id: idParameter.optional().openapi({ description: idDescription, example: 1234 }),
  })
  .refine(hasNeededId, idIsNeeded);

export const AudioUploadSchema = z
  .strictObject({
    type: typeSchema,
    id: idSchema,
    content_type: z
      .enum(['audio/wav', 'audio/mpeg'])
      .openapi('AudioMediaType', { description: 'What the bytes are.', example: 'audio/wav' }),
    content_length: z
      .int()
      .min(1)
      .max(5_000_000_000)
      .openapi({ format: 'int64', description: 'How many there were.', example: 16044 }),
  })
  .openapi('AudioUpload', { description: 'Audio that was uploaded as bytes.' });

export const idempotencyHeader = z.object({
  'idempotency-key': z
    .string()
    .transform((header, context) => {
      const key = parseIdempotencyKey(header);
      if (key !== null) return key;
      const message = `must be one string of 1 to ${maxIdempotencyKey} characters of ASCII, in quotation marks`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .optional()
    .openapi({
      type: 'string',
      maxLength: 2 * maxIdempotencyKey,
      description:
        'For 24 hours, the same key with the same upload gives the first answer again, and the legacy service is asked once (draft-ietf-httpapi-idempotency-key-header). A string in quotation marks; a bare UUID will do.',
      example: '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
    }),
});
