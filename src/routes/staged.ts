/** Staged audio, as the vendor fetches it: whoever has the URL may, for an hour, and it opens that one object. */
import type { R2Object } from '@cloudflare/workers-types';
import { createRoute, z } from '@hono/zod-openapi';
import { rangeApplies } from '../audio/conditions.ts';
import {
  type ByteRange,
  parseRange,
  resolveRange,
  toContentRange,
  toUnsatisfiedRange,
} from '../audio/range.ts';
import { Problem } from '../problem/problem.ts';
import { stagedMediaTypes } from '../staging/declared-audio.ts';
import type { Gateway } from './gateway.ts';
import { problemResponses } from './schemas.ts';

const binary = { schema: z.string().openapi({ format: 'binary' }) };
const content = { 'audio/wav': binary, 'audio/mpeg': binary };

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
        'For the legacy service, which is told the URL of an upload and fetches it within the hour. The name is sealed; there is no other way to come by one.',
      security: [],
      request: {
        params: z.object({
          file: z
            .string()
            .max(1028)
            .openapi({ param: { name: 'file', in: 'path', description: 'A token and `.wav` or `.mp3`.' } }),
        }),
      },
      responses: {
        200: { description: 'The audio.', content },
        206: { description: 'The bytes that `Range` asks for.', content },
        ...problemResponses('not-found', 'range-not-satisfiable'),
      },
    }),
    async (c) => {
      const [, token = '', format] = fileName.exec(c.req.valid('param').file) ?? [];
      const isFormat = format === 'wav' || format === 'mp3';
      const staged = isFormat && staging ? await staging.open(token, format) : null;
      const object = await staged?.head();
      if (!isFormat || !staged || !object) throw gone();
      const range = readRange(c.req.raw, object);
      const headers = toHeaders(object, range);
      headers.set('Content-Type', stagedMediaTypes[format]);
      if (c.req.method === 'HEAD') return new Response(null, { headers }) as never;
      const found = await staged.get(range);
      if (!found) throw gone();
      return new Response(found.body as never, { status: range ? 206 : 200, headers }) as never;
    },
  );
}

/** A forged name and one that has had its hour are not told apart. */
function gone(): Problem {
  return new Problem('not-found', { detail: 'There is nothing staged here, or not any more.' });
}

/** Null where the whole is to be sent. Throws Problem. */
function readRange({ headers, method }: Request, { size, httpEtag, uploaded }: R2Object): ByteRange | null {
  const validators = { etag: httpEtag, lastModified: uploaded };
  const spec = rangeApplies(headers, validators, method) ? parseRange(headers.get('Range')) : null;
  const range = spec && resolveRange(spec, { length: size });
  if (range !== 'unsatisfiable') return range;
  throw new Problem('range-not-satisfiable', {
    detail: `The audio has ${size} bytes, and the range none of them.`,
    headers: [['Content-Range', toUnsatisfiedRange(size)]],
  });
}

function toHeaders({ size, httpEtag, uploaded }: R2Object, range: ByteRange | null): Headers {
  const headers = new Headers({
    'Content-Length': String(range ? range.end - range.start : size),
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, no-store',
    'Last-Modified': uploaded.toUTCString(),
    ETag: httpEtag,
  });
  if (range) headers.set('Content-Range', toContentRange(range, size));
  return headers;
}
