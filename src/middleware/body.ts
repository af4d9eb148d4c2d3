/** Guards in front of bodies that are read whole: of one media type, and small. */
import { createMiddleware } from 'hono/factory';
import { Problem } from '../problem/problem.ts';
import type { AppEnv } from './app-env.ts';

/** 415 for a body of another type; without a body there is none to have a type. */
export function takesOnly(mediaType: string) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const [given = ''] = (c.req.header('Content-Type') ?? '').split(';');
    const isWrong = given.trim().toLowerCase() !== mediaType;
    if (isWrong && (given !== '' || (await hasBody(c.req.raw)))) {
      throw new Problem('unsupported-media-type', { detail: `The body must be ${mediaType}.` });
    }
    await next();
  });
}

/** Where no length was declared only reading tells: on Node, every POST has a stream. What is read is lost. */
async function hasBody({ headers, body }: Request): Promise<boolean> {
  const length = headers.get('Content-Length');
  if (body === null || length !== null) return body !== null && length !== '0';
  const reader = body.getReader();
  const { done } = await reader.read().catch(breakOff);
  reader.releaseLock();
  return !done;
}

/**
 * 413 for more than `maxSize` bytes. Reads the body for those who come after, since what they would make of one that
 * breaks off is that it is wrong.
 */
export function takesAtMost(maxSize: number) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const text = await readText(c.req.raw, maxSize);
    // As bytes: a text would bring a Content-Type along, also for a body that is not there.
    c.req.raw = new Request(c.req.raw, { body: new TextEncoder().encode(text) });
    await next();
  });
}

/** The body as text, read no further than `maxSize` bytes. Throws Problem. */
export async function readText({ body, headers }: Request, maxSize: number): Promise<string> {
  if (Number(headers.get('Content-Length')) > maxSize) throw tooLarge(maxSize);
  const reader = body?.getReader();
  const next = () => reader?.read().catch(breakOff);
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (let chunk = await next(); chunk && !chunk.done; chunk = await next()) {
    size += chunk.value.byteLength;
    if (size > maxSize) {
      await reader?.cancel();
      throw tooLarge(maxSize);
    }
    text += decoder.decode(chunk.value, { stream: true });
  }
  return text + decoder.decode();
}

/** Whoever sent it is at fault, or gone: nothing failed here. */
function breakOff(): never {
  throw new Problem('incomplete-body', { detail: 'The body broke off.' });
}

function tooLarge(maxSize: number): Problem {
  return new Problem('content-too-large', { detail: `The body has at most ${maxSize} bytes.` });
}
