/** A recording's audio. */
import { createRoute, z } from '@hono/zod-openapi';
import { negotiateFormat } from '../audio/negotiate.ts';
import { respondWithAudio } from '../audio/respond.ts';
import { retryAfter } from '../problem/legacy.ts';
import { Problem } from '../problem/problem.ts';
import { AudioFormatSchema } from './audio-format.ts';
import { readLink } from './audio-links.ts';
import { accessProblems, type Gateway } from './gateway.ts';
import { booleanParameter, headers, legacyProblems, problemResponses, sidParameter } from './schemas.ts';

const processingDetail = 'The recording is still being processed. Try again later.';

const sampleRateError = 'must be a whole number from 4000 to 192000';

const audioQuery = z.strictObject({
  format: AudioFormatSchema.optional().openapi({
    param: {
      description:
        'The format. It wins over `Accept`; neither gives wav. Case and a leading dot are ignored.',
    },
    example: 'mp3',
  }),
  sample_rate: z
    .string()
    .regex(/^\d{1,6}$/, sampleRateError)
    .transform(Number)
    .pipe(z.int().min(4000, sampleRateError).max(192_000, sampleRateError))
    .default(8000)
    .openapi({
      param: {
        description:
          'In hertz (documented). The vendor names 8000, 22050 and 44100, and 11000 for wav (observed).',
      },
      type: 'integer',
      format: 'int32',
      minimum: 4000,
      maximum: 192_000,
      default: 8000,
      example: 44_100,
    }),
  download: booleanParameter(false).openapi({
    param: {
      description: 'Whether to answer as an attachment, for saving. `1` and `0` are taken too.',
    },
    example: false,
  }),
  token: z
    .string()
    .optional()
    .openapi({
      param: { description: "An audio link's, instead of other credentials; see `createAudioLink`." },
      maxLength: 8192,
      pattern: '^[A-Za-z0-9_.-]+$',
    }),
});

const ProcessingStatusSchema = z
  .literal('processing')
  .openapi('ProcessingStatus', { description: 'The recording exists, but its audio is not there yet.' });

const ProcessingSchema = z
  .object({
    status: ProcessingStatusSchema,
    detail: z.string().max(200).openapi({ description: 'The same in words.', example: processingDetail }),
  })
  .openapi('Processing', { description: 'What there is instead of audio while the recording is processed.' });

const binary = { schema: z.string().openapi({ format: 'binary' }) };

export function addAudio({ app, requires, legacy }: Gateway): void {
  app.openapi(
    createRoute({
      operationId: 'getRecordingAudio',
      method: 'get',
      path: '/recordings/{sid}/audio',
      tags: ['Audio'],
      summary: "Get a recording's audio",
      description: 'Streams the audio. `HEAD` answers the same headers without it.',
      ...requires('recordings:read', { link: readLink }),
      request: { params: sidParameter, query: audioQuery },
      responses: {
        200: {
          description: 'The audio.',
          headers: headers('Content-Disposition'),
          content: { 'audio/wav': binary, 'audio/mpeg': binary },
        },
        202: {
          description: 'The recording is still being processed; try again after `Retry-After`.',
          headers: headers('Retry-After'),
          content: {
            'application/json': {
              schema: ProcessingSchema,
              example: { status: 'processing', detail: processingDetail },
            },
          },
        },
        ...problemResponses(
          ...accessProblems,
          'invalid-link',
          'recording-not-found',
          'not-acceptable',
          ...legacyProblems,
        ),
      },
    }),
    async (c) => {
      const { sid } = c.req.valid('param');
      const { format: asked, sample_rate, download } = c.req.valid('query');
      const format = asked ?? negotiateFormat(c.req.header('Accept'));
      if (!format)
        throw new Problem('not-acceptable', {
          detail: 'Audio is audio/wav or audio/mpeg; Accept allows neither.',
        });
      const context = { credentials: c.get('caller').credentials, signal: c.req.raw.signal };
      const found = await legacy.download({ sid, format, sample_rate }, context);
      if (found.kind === 'processing') {
        return c.json(
          { status: 'processing' as const, detail: processingDetail },
          202,
          Object.fromEntries([retryAfter(found)]),
        );
      }
      return respondWithAudio(found, { method: c.req.method, sid, format, download });
    },
  );
}
