/** Responses of the Node server over real sockets: relayed bodies, clients that disconnect, and HEAD. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Pool } from 'undici';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createNodeTransport } from '../../src/node/legacy-transport.ts';
import { createNodeServer } from '../../src/node/server.ts';
import { untilStill } from '../support/stillness.ts';

const size = 3_000_001;
const audio = Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 255));

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A minimal gateway over a real socket, with the given legacy service. */
async function relay(legacy: RequestListener, handle = answerWhole): Promise<string> {
  const origin = await listen(createServer(legacy));
  const pool = new Pool(origin);
  onTestFinished(() => pool.destroy());
  const transport = createNodeTransport(pool);
  const fetch = (request: Request) =>
    transport({ method: 'GET', url: `${origin}/`, headers: {}, signal: request.signal }).then(handle);
  return listen(createNodeServer({ fetch }));
}

type Answer = Awaited<ReturnType<ReturnType<typeof createNodeTransport>>>;

async function answerWhole({ headers, body }: Answer): Promise<Response> {
  const head = (await body.read()) ?? new Uint8Array();
  const declared = headers.get('content-length');
  const response = new Response(body.relay({ head, length: declared === null ? null : Number(declared) }), {
    headers: { 'Content-Type': 'audio/wav', ...(declared !== null && { 'Content-Length': declared }) },
  });
  // As middleware does that adds a header.
  return new Response(response.body, response);
}

const endless: RequestListener = (_request, response) => {
  const send = () => {
    while (response.write(audio));
    response.once('drain', send);
  };
  send();
};

describe('a relayed body over a socket', () => {
  it.each([true, false])('arrives byte for byte, declared: %s', async (declared) => {
    const url = await relay((_request, response) => {
      if (declared) response.setHeader('Content-Length', size);
      response.flushHeaders();
      response.end(audio);
    });
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(declared ? String(size) : null);
    expect(response.headers.get('content-type')).toBe('audio/wav');
    expect(Buffer.from(await response.arrayBuffer()).equals(audio)).toBe(true);
  });

  const kills = [0, 1, 50, 99].flatMap((percent) =>
    [true, false].map((declared) => [percent, declared] as const),
  );
  it.each(kills)(
    'never looks complete when the legacy service crashes at %i percent, declared: %s',
    async (percent, declared) => {
      const url = await relay((_request, response) => {
        if (declared) response.setHeader('Content-Length', size);
        response.flushHeaders();
        response.write(audio.subarray(0, Math.floor((size * percent) / 100)));
        setTimeout(() => response.destroy(), 30);
      });
      const arrives = fetch(url).then(async (response) => {
        await response.arrayBuffer();
        return response.ok;
      });
      expect(await arrives.catch(() => false)).toBe(false);
    },
  );

  it('closes the legacy connection when the client disconnects', async () => {
    const closed = Promise.withResolvers<void>();
    const url = await relay((request, response) => {
      request.socket.on('close', () => closed.resolve());
      endless(request, response);
    });
    const client = new AbortController();
    const response = await fetch(url, { signal: client.signal });
    await response.body?.getReader().read();
    client.abort();
    await closed.promise;
  });

  it('closes the legacy connection when the client disconnects before the response', async () => {
    const client = new AbortController();
    const closed = Promise.withResolvers<void>();
    const url = await relay((request) => {
      request.socket.on('close', () => closed.resolve());
      client.abort();
    });
    await expect(fetch(url, { signal: client.signal })).rejects.toThrow();
    await closed.promise;
  });

  it('pauses the legacy service while the client does not read', async () => {
    let sent = 0;
    const url = await relay((request, response) => {
      const write = response.write.bind(response);
      response.write = (chunk: Uint8Array) => {
        sent += chunk.length;
        return write(chunk);
      };
      endless(request, response);
    });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    // The capacity of the kernel's socket buffers in both directions.
    expect(await untilStill(() => sent)).toBeLessThan(48 * 1024 * 1024);
  });
});

describe('HEAD', () => {
  it.each([
    ['drops the body', async (answer: Answer) => new Response(null, await answerWhole(answer))],
    ['ignores the body', async (_answer: Answer) => new Response(null)],
    ['responds as to a GET', answerWhole],
  ])('closes the legacy connection if the handler %s', async (_what, handle) => {
    const closed = Promise.withResolvers<void>();
    const url = await relay((request, response) => {
      request.socket.on('close', () => closed.resolve());
      endless(request, response);
    }, handle);
    const response = await fetch(url, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
    await closed.promise;
  });
});

describe('another body', () => {
  it('is sent unchanged', async () => {
    const url = await listen(createNodeServer({ fetch: () => Response.json({ ok: true }, { status: 201 }) }));
    const response = await fetch(url);
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ ok: true });
  });

  it('that a script streams arrives complete', async () => {
    const lines = Array.from({ length: 1000 }, (_, index) => `{"sid":"${index}"}\n`);
    const url = await listen(createNodeServer({ fetch: () => stream(lines) }));
    expect(await (await fetch(url)).text()).toBe(lines.join(''));
  });

  it('that breaks midway never looks complete, and leaves no stack in the log', async () => {
    const log = vi.spyOn(console, 'error');
    onTestFinished(() => log.mockRestore());
    const url = await listen(
      createNodeServer({ fetch: () => stream(['{"sid":"1"}\n'], new Error('legacy')) }),
    );
    await expect(fetch(url).then((response) => response.text())).rejects.toThrow();
    expect(log).not.toHaveBeenCalled();
  });
});

function stream(lines: readonly string[], error?: Error): Response {
  const left = lines.map((line) => new TextEncoder().encode(line));
  const body = new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setImmediate(resolve));
      const line = left.shift();
      if (line) controller.enqueue(line);
      else if (error) controller.error(error);
      else controller.close();
    },
  });
  return new Response(body, { headers: { 'Content-Type': 'application/x-ndjson' } });
}
