/** Guards in front of bodies that are read whole: of one media type, and small. */
import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { Problem } from '../problem/problem.ts';
import type { AppEnv } from './gateway.ts';

/** 415 for a body of another type; without a body there is none to have a type. */
export function takesOnly(mediaType: string) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { headers, body } = c.req.raw;
    const [given = ''] = (headers.get('Content-Type') ?? '').split(';');
    const isEmpty = given === '' && (body === null || headers.get('Content-Length') === '0');
    if (!isEmpty && given.trim().toLowerCase() !== mediaType) {
      throw new Problem('unsupported-media-type', { detail: `The body has to be ${mediaType}.` });
    }
    await next();
  });
}

/** 413 for more than `maxSize` bytes. */
export function takesAtMost(maxSize: number) {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw tooLarge(maxSize);
    },
  });
}

/** The body as text, read no further than `maxSize` bytes. Throws Problem. */
export async function readText(request: Request, maxSize: number): Promise<string> {
  const reader = request.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) {
    size += chunk.value.byteLength;
    if (size > maxSize) {
      await reader?.cancel();
      throw tooLarge(maxSize);
    }
    text += decoder.decode(chunk.value, { stream: true });
  }
  return text + decoder.decode();
}

function tooLarge(maxSize: number): Problem {
  return new Problem('content-too-large', { detail: `The body has at most ${maxSize} bytes.` });
}
