/** Guards for bodies that are read whole: one media type, limited size. */
import { createMiddleware } from 'hono/factory';
import { Problem } from '../problem/problem.ts';
import type { AppEnv } from './app-env.ts';

/** 415 for a body of another type. A request without a body passes. */
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

/** Without a declared length only reading tells: on Node, every POST has a stream. The bytes read are lost. */
async function hasBody({ headers, body }: Request): Promise<boolean> {
  const length = headers.get('Content-Length');
  if (body === null || length !== null) return body !== null && length !== '0';
  const reader = body.getReader();
  const { done } = await reader.read().catch(breakOff);
  reader.releaseLock();
  return !done;
}

/**
 * 413 for more than `maxSize` bytes. Reads the body here, because a validator would report a truncated body as
 * invalid input.
 */
export function takesAtMost(maxSize: number) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const text = await readText(c.req.raw, maxSize);
    // As bytes: a text would add a Content-Type, even for an empty body.
    c.req.raw = new Request(c.req.raw, { body: new TextEncoder().encode(text) });
    await next();
  });
}

/** The body as text, limited to `maxSize` bytes. Throws Problem. */
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

/** The client sent less than it declared, or has disconnected. */
function breakOff(): never {
  throw new Problem('incomplete-body', { detail: 'The body broke off.' });
}

function tooLarge(maxSize: number): Problem {
  return new Problem('content-too-large', { detail: `The body has at most ${maxSize} bytes.` });
}
