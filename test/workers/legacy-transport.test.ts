/** The transport of Workers: requests, redirects and responses without a body. */
import { expect, it } from 'vitest';
import type { LegacyRequest } from '../../src/legacy/transport.ts';
import { createWorkersTransport } from '../../src/workers/legacy-transport.ts';
import { type BodyScript, describeLegacyBody } from '../support/legacy-body.ts';

const never = new AbortController().signal;
const request: LegacyRequest = {
  method: 'GET',
  url: 'https://legacy.test/ibp_api.php',
  headers: {},
  signal: never,
};

for (const type of ['bytes', undefined] as const) {
  describeLegacyBody(`a body as a stream of ${type ?? 'chunks'}`, async (script, signal = never) => {
    const closed = Promise.withResolvers<'closed' | 'fetched'>();
    const transport = createWorkersTransport(async () => respond(script, type, closed.resolve));
    const { body } = await transport({ ...request, signal });
    return { body, closed: closed.promise };
  });
}

function respond(
  { chunks, ending, declared }: BodyScript,
  type: 'bytes' | undefined,
  close: (how: 'closed' | 'fetched') => void,
): Response {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const left = [...chunks];
  const source = {
    pull(controller: ReadableStreamDefaultController | ReadableByteStreamController) {
      const chunk = left.shift();
      if (chunk) return controller.enqueue(Uint8Array.from(chunk));
      if (ending === 'stall') return new Promise<void>(() => {});
      if (ending === 'break') return controller.error(new Error('connection reset'));
      controller.close();
      if ('byobRequest' in controller) controller.byobRequest?.respond(0);
      close('fetched');
    },
    cancel: () => close('closed'),
  };
  const stream = type ? new ReadableStream({ type, ...source }) : new ReadableStream(source);
  const headers = declared
    ? { 'Content-Length': String(ending === 'end' ? total : total + 1000) }
    : undefined;
  return new Response(stream, headers && { headers });
}

it('sends the given request, and follows no redirect', async () => {
  const asked: Request[] = [];
  const transport = createWorkersTransport(async (url, init) => {
    asked.push(new Request(url, init));
    return new Response('moved', { status: 302, headers: { Location: 'https://elsewhere.test/' } });
  });
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const answer = await transport({ ...request, method: 'POST', headers, body: 'access_key=a%26b' });
  expect(answer.status).toBe(302);
  expect(answer.headers.get('LOCATION')).toBe('https://elsewhere.test/');
  expect(answer.headers.get('content-length')).toBeNull();
  expect(asked.map(({ method, url, redirect }) => ({ method, url, redirect }))).toEqual([
    { method: 'POST', url: request.url, redirect: 'manual' },
  ]);
  expect(asked[0]?.headers.get('content-type')).toBe(headers['Content-Type']);
  expect(await asked[0]?.text()).toBe('access_key=a%26b');
  await answer.body.cancel();
});

it('has no bytes if the response has no body', async () => {
  const transport = createWorkersTransport(async () => new Response(null, { status: 204 }));
  const { body } = await transport(request);
  expect(await body.read()).toBeNull();
  await body.cancel();
});
