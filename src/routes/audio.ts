/** A recording's audio. */
import { createRoute, z } from '@hono/zod-openapi';
import { negotiateFormat } from '../audio/formats.ts';
import { loadAudio } from '../audio/load.ts';
import { respondWithAudio } from '../audio/respond.ts';
import { parseWait } from '../http/prefer.ts';
import { parseRange } from '../http/range.ts';
import { retryAfter } from '../middleware/errors/legacy.ts';
import type { Gateway } from '../middleware/gateway.ts';
import { accessProblems } from '../middleware/secured.ts';
import {
  booleanParameter,
  headers,
  legacyProblems,
  problemResponses,
  requestHeaders,
  sidParameter,
} from '../openapi/schemas.ts';
import { Problem } from '../problem/problem.ts';
import { AudioFormatSchema, sampleRate } from './audio-format.ts';
import { ignoreAppended, maxLinkToken, readLink } from './audio-links.ts';

const processing = {
  status: 'processing',
  detail: 'The recording is still being processed. Retry later.',
} as const;

const audioQuery = z.strictObject({
  format: AudioFormatSchema.optional().openapi({
    param: {
      description:
        'The format. It takes precedence over `Accept`. The default is WAV. Case and a leading dot are ignored.',
    },
    example: 'mp3',
  }),
  sample_rate: z
    .string()
    .regex(/^\d{1,6}$/, sampleRate.error)
    .transform(Number)
    .pipe(z.int().min(sampleRate.minimum, sampleRate.error).max(sampleRate.maximum, sampleRate.error))
    .default(sampleRate.default)
    .openapi({
      param: {
        description:
          'The sample rate in hertz (documented). The vendor lists 8000, 22050 and 44100, and 11000 for WAV (observed).',
      },
      type: 'integer',
      format: 'int32',
      minimum: sampleRate.minimum,
      maximum: sampleRate.maximum,
      default: sampleRate.default,
      example: 44_100,
    }),
  download: booleanParameter(false).openapi({
    param: {
      description: 'Whether to send the audio as an attachment, for saving. Also accepts `1` and `0`.',
    },
    example: false,
  }),
  token: z
    .string()
    .optional()
    .openapi({
      param: {
        description: 'The token of an audio link, in place of other credentials. See `createAudioLink`.',
      },
      maxLength: maxLinkToken,
      // Without an example, as for cursors: tools would send it.
      pattern: '^[A-Za-z0-9_.-]+$',
    }),
});

const ProcessingStatusSchema = z
  .literal('processing')
  .openapi('ProcessingStatus', { description: 'The recording exists, but its audio is not ready.' });

const ProcessingSchema = z
  .object({
    status: ProcessingStatusSchema,
    detail: z.string().max(200).openapi({ description: 'The status in words.', example: processing.detail }),
  })
  .openapi('Processing', { description: 'Status of a recording whose audio is not ready.' });

const audioHeaders = ['Accept-Ranges', 'ETag', 'Last-Modified'] as const;

const binary = { schema: z.string().openapi({ format: 'binary' }) };

export function addAudio(gateway: Gateway): void {
  const { app, secured } = gateway;
  const access = secured('recordings:read', { link: readLink, checksReach: true });
  app.openapi(
    createRoute({
      operationId: 'getRecordingAudio',
      method: 'get',
      path: '/recordings/{sid}/audio',
      tags: ['Audio'],
      summary: "Get a recording's audio",
      description:
        'Streams the audio, or the range that `Range` names. `HEAD` returns the same headers without the audio. While the recording is still being processed, the response is a 202. `Prefer: wait=N` makes the gateway wait up to N seconds for the audio, at most 60 (RFC 7240).',
      security: access.security,
      middleware: [access.middleware, ignoreAppended] as const,
      parameters: requestHeaders('Range', 'If-Range', 'If-None-Match', 'Prefer'),
      request: { params: sidParameter, query: audioQuery },
      responses: {
        200: {
          description: 'The audio.',
          headers: headers('Content-Disposition', ...audioHeaders, 'Preference-Applied'),
          content: { 'audio/wav': binary, 'audio/mpeg': binary },
        },
        206: {
          description: 'The range of the audio that `Range` names (RFC 9110 15.3.7).',
          headers: headers('Content-Range', 'Content-Disposition', ...audioHeaders, 'Preference-Applied'),
          content: { 'audio/wav': binary, 'audio/mpeg': binary },
        },
        304: {
          description: 'The audio has not changed (RFC 9110 15.4.5).',
          headers: headers('ETag', 'Last-Modified'),
        },
        202: {
          description: 'The recording is still being processed. Retry after `Retry-After`.',
          headers: headers('Retry-After', 'Preference-Applied'),
          content: {
            'application/json': {
              schema: ProcessingSchema,
              example: processing,
            },
          },
        },
        ...problemResponses(
          ...accessProblems,
          'invalid-link',
          'recording-not-found',
          'not-acceptable',
          'precondition-failed',
          'range-not-satisfiable',
          'store-unavailable',
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
          detail: 'Accept allows neither audio/wav nor audio/mpeg.',
        });
      const { method, raw } = c.req;
      const wait = parseWait(c.req.header('Prefer'));
      const { headers } = raw;
      // GET only (RFC 9110, section 14.2).
      const range = method === 'GET' ? parseRange(headers.get('range')) : null;
      const query = { sid, format, sampleRateHz: sample_rate, wait, method, headers, range };
      const context = c.get('context');
      await gateway.reach.assertRecording(sid, context);
      const found = await loadAudio(gateway, query, context);
      const response =
        found.kind === 'audio'
          ? await respondWithAudio(found.source, { method, headers, range, sid, format, download })
          : c.json(processing, 202, Object.fromEntries([retryAfter(found)]));
      const hasWaited = found.kind === 'audio' || !found.isUnwaited;
      if (wait !== null && hasWaited) response.headers.set('Preference-Applied', `wait=${wait}`);
      return response;
    },
  );
}
