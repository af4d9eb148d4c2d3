/** Staged audio, which the vendor fetches: the holder of the URL can read this one object for an hour. */
import { createRoute, z } from '@hono/zod-openapi';
import { toAudioFormat } from '../audio/formats.ts';
import { respondWithAudio } from '../audio/respond.ts';
import { parseRange } from '../http/range.ts';
import type { Gateway } from '../middleware/gateway.ts';
import { headers, problemResponses, requestHeaders } from '../openapi/schemas.ts';
import { Problem } from '../problem/problem.ts';

const binary = { schema: z.string().openapi({ format: 'binary' }) };
const content = { 'audio/wav': binary, 'audio/mpeg': binary };
const audioHeaders = ['Content-Disposition', 'Accept-Ranges', 'ETag', 'Last-Modified'] as const;

const fileName = /^([\w.-]{1,1024})\.(wav|mp3)$/;

export function addStaged({ app, staging }: Gateway): void {
  app.openapi(
    createRoute({
      operationId: 'getStagedAudio',
      method: 'get',
      path: '/staged/{file}',
      tags: ['Uploads'],
      summary: 'Fetch staged audio',
      description:
        'For the legacy service, which receives the URL with an upload and fetches the audio within an hour. The name is sealed and cannot be guessed.',
      security: [],
      parameters: requestHeaders('Range', 'If-Range', 'If-None-Match'),
      request: {
        params: z.object({
          file: z
            .string()
            .max(1028)
            .openapi({
              param: { name: 'file', in: 'path', description: 'A token and `.wav` or `.mp3`.' },
              pattern: '^[\\w.-]{1,1024}\\.(wav|mp3)$',
              example: 'eyJhbGciOiJkaXIifQ..iv.text.tag.wav',
            }),
        }),
      },
      responses: {
        200: { description: 'The audio.', headers: headers(...audioHeaders), content },
        206: {
          description: 'The range of the audio that `Range` names (RFC 9110 15.3.7).',
          headers: headers('Content-Range', ...audioHeaders),
          content,
        },
        304: {
          description: 'The audio has not changed (RFC 9110 15.4.5).',
          headers: headers('ETag', 'Last-Modified'),
        },
        ...problemResponses(
          'invalid-request',
          'not-found',
          'precondition-failed',
          'range-not-satisfiable',
          'store-unavailable',
        ),
      },
    }),
    async (c) => {
      const [, token = '', extension = ''] = fileName.exec(c.req.valid('param').file) ?? [];
      const format = toAudioFormat(extension);
      const source = format && staging ? await staging.open(token, format) : null;
      if (!format || !source) {
        // The response does not distinguish a forged token from an expired one.
        throw new Problem('not-found', { detail: 'The staged audio does not exist or has expired.' });
      }
      const { method, headers } = c.req.raw;
      const range = method === 'GET' ? parseRange(headers.get('range')) : null;
      const request = { method, headers, range, sid: 'staged', format, download: false } as const;
      return (await respondWithAudio(source, request)) as never;
    },
  );
}
