/** A recording's audio. */
import { createRoute, z } from '@hono/zod-openapi';
import { negotiateFormat, toAudioFormat } from '../audio/negotiate.ts';
import { respondWithAudio } from '../audio/respond.ts';
import { retryAfter } from '../problem/legacy.ts';
import { Problem } from '../problem/problem.ts';
import type { Gateway } from './gateway.ts';
import { booleanParameter, headers, legacyProblems, problemResponses, sidParameter } from './schemas.ts';

const sampleRateError = 'must be a whole number from 4000 to 192000';

const audioQuery = z.strictObject({
  format: z
    .string()
    .transform(toAudioFormat)
    .pipe(z.enum(['wav', 'mp3'], { error: 'must be wav or mp3' }))
    .optional()
    .openapi({
      type: 'string',
      enum: ['wav', 'mp3'],
      description: 'Wins over `Accept`. Neither gives wav.',
      example: 'mp3',
    }),
  sample_rate: z
    .string()
    .regex(/^\d{1,6}$/, sampleRateError)
    .transform(Number)
    .pipe(z.int().min(4000, sampleRateError).max(192_000, sampleRateError))
    .default(8000)
    .openapi({
      type: 'integer',
      minimum: 4000,
      maximum: 192_000,
      default: 8000,
      description: 'In hertz. The legacy service has 8000, 22050 and 44100, and 11000 for wav.',
    }),
  download: booleanParameter(false).openapi({
    description: 'Whether to answer as an attachment, for saving.',
  }),
});

const ProcessingSchema = z
  .object({ status: z.literal('processing'), detail: z.string().max(200) })
  .openapi('Processing', { description: 'The recording exists, but its audio is not there yet.' });

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
      ...requires('recordings:read'),
      request: { params: sidParameter, query: audioQuery },
      responses: {
        200: { description: 'The audio.', content: { 'audio/wav': binary, 'audio/mpeg': binary } },
        202: {
          description: 'The recording is still being processed; try again after `Retry-After`.',
          headers: headers('Retry-After'),
          content: { 'application/json': { schema: ProcessingSchema } },
        },
        ...problemResponses(
          'invalid-request',
          'credentials-missing',
          'credentials-rejected',
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
        const detail = 'The recording is still being processed. Try again later.';
        return c.json(
          { status: 'processing' as const, detail },
          202,
          Object.fromEntries([retryAfter(found)]),
        );
      }
      return respondWithAudio(found, { method: c.req.method, sid, format, download });
    },
  );
}
