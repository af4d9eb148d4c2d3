/** The transport of Node over real sockets: requests, redirects, broken connections and back-pressure. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import type { LegacyRequest, LegacyResponse } from '../../src/legacy/transport.ts';
import { createNodeTransport } from '../../src/node/legacy-transport.ts';
import { nativeReadable } from '../../src/node/streams.ts';
import { describeLegacyBody, toBytes } from '../support/legacy-body.ts';
import { untilStill } from '../support/stillness.ts';

/** A server for the duration of the test, and a function that calls it through the transport. */
async function serve(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pool = new Pool(origin);
  onTestFinished(async () => {
    server.closeAllConnections();
    await pool.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const transport = createNodeTransport(pool);
  const never = new AbortController().signal;
  return (request: Partial<LegacyRequest> = {}): Promise<LegacyResponse> =>
    transport({ method: 'GET', url: `${origin}/ibp_api.php`, headers: {}, signal: never, ...request });
}

describeLegacyBody('a body over a socket', async ({ chunks, ending, declared }, signal) => {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const closed = Promise.withResolvers<'closed' | 'fetched'>();
  const ask = await serve((_request, response) => {
    if (declared) response.setHeader('Content-Length', ending === 'end' ? total : total + 1000);
    response.on('close', () => closed.resolve(response.writableFinished ? 'fetched' : 'closed'));
    response.flushHeaders();
    for (const chunk of chunks) response.write(chunk);
    if (ending === 'end') response.end();
    if (ending === 'break') setTimeout(() => response.destroy(), 20);
  });
  const { body } = await ask(signal ? { signal } : {});
  return { body, closed: closed.promise };
});

it('sends the given request, and follows no redirect', async () => {
  const asked: unknown[] = [];
  const ask = await serve((request, response) => {
    request.on('data', (body) => {
      asked.push({
        method: request.method,
        url: request.url,
        type: request.headers['content-type'],
        body: `${body}`,
      });
      response.writeHead(302, { Location: '/elsewhere', 'X-Twice': ['a', 'b'] }).end('moved');
    });
  });
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const answer = await ask({ method: 'POST', headers, body: 'access_key=a%26b' });
  expect(answer.status).toBe(302);
  expect(answer.headers.get('LOCATION')).toBe('/elsewhere');
  expect(answer.headers.get('x-twice')).toBe('a, b');
  expect(answer.headers.get('x-none')).toBeNull();
  expect(answer.headers.get('constructor')).toBeNull();
  expect(asked).toEqual([
    { method: 'POST', url: '/ibp_api.php', type: headers['Content-Type'], body: 'access_key=a%26b' },
  ]);
});

it('rejects if the connection is refused, or breaks before the response', async () => {
  const ask = await serve((request) => request.socket.destroy());
  await expect(ask()).rejects.toThrow();
  await expect(ask({ url: 'http://127.0.0.1:1/' })).rejects.toThrow();
});

it('rejects if the caller aborts before the response, and closes the connection', async () => {
  const caller = new AbortController();
  const closed = Promise.withResolvers<void>();
  const ask = await serve((request) => {
    request.socket.on('close', () => closed.resolve());
    caller.abort();
  });
  await expect(ask({ signal: caller.signal })).rejects.toThrow();
  await closed.promise;
});

it.each([true, false])(
  'reuses a connection after its body was relayed completely, declared: %s',
  async (declared) => {
    const sockets = new Set<unknown>();
    const ask = await serve((request, response) => {
      sockets.add(request.socket);
      if (declared) response.setHeader('Content-Length', 5);
      response.end('hello');
    });
    for (let round = 0; round < 3; round++) {
      const { body } = await ask();
      const relayed = body.relay({ head: new Uint8Array(), length: declared ? 5 : null });
      expect(await new Response(relayed).text()).toBe('hello');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(sockets.size).toBe(1);
  },
);

it('returns the Node stream of a relayed body, even through a copy of its response', async () => {
  const ask = await serve((_request, response) => response.end('lo'));
  const { body } = await ask();
  const response = new Response(body.relay({ head: toBytes('hel'), length: null }));
  const native = nativeReadable(new Response(response.body, response).body ?? new ReadableStream());
  expect(Buffer.concat((await native?.toArray()) ?? []).toString()).toBe('hello');
  expect(nativeReadable(new ReadableStream())).toBeUndefined();
});

it('does not read ahead of its reader', async () => {
  let sent = 0;
  const ask = await serve((_request, response) => {
    const block = Buffer.alloc(1024 * 1024);
    const send = () => {
      do sent += block.length;
      while (response.write(block));
      response.once('drain', send);
    };
    send();
  });
  const { body } = await ask();
  const reader = body.relay({ head: new Uint8Array(), length: null }).getReader();
  await reader.read();
  // The capacity of the kernel's socket buffers.
  expect(await untilStill(() => sent)).toBeLessThan(24 * 1024 * 1024);
  await reader.cancel();
});
