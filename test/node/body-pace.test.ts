/** Slow request bodies over real sockets: an upload has the time that its length needs, and a stalled one is a 408. */
import { once } from 'node:events';
import { request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ClientPatience, createNodeServer } from '../../src/node/server.ts';

const patience: ClientPatience = { requestMs: 200, minBytesPerMs: 1, silenceMs: 60_000 };

async function start(changes: Partial<ClientPatience> = {}, workMs = 0): Promise<Server> {
  const server = createNodeServer({
    async fetch(received) {
      const { length } = await received.text();
      await sleep(workMs);
      return Response.json({ length });
    },
    patience: { ...patience, ...changes },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

const toPort = (server: Server) => (server.address() as AddressInfo).port;

/** Sends the parts with a pause between them once the headers have arrived; returns the response, or an empty text. */
async function send(server: Server, head: string, parts: readonly string[]): Promise<string> {
  const socket = connect(toPort(server), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const closed = once(socket, 'close');
  const received = once(server, 'request');
  socket.write(head);
  await received;
  for (const part of parts) {
    socket.write(part);
    await sleep(3 * patience.requestMs);
  }
  await closed;
  return text;
}

const toHead = (length: string) => `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${length}\r\n\r\n`;

describe.each([
  ['a declared length', (text: string) => `Content-Length: ${text.length}`, (text: string) => text],
  [
    'chunks',
    () => 'Transfer-Encoding: chunked',
    (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`,
  ],
])('a body with %s', (_name, toLength, toChunk) => {
  const first = 'x'.repeat(60_000);
  const end = (text: string) => (toChunk(text) === text ? '' : '0\r\n\r\n');

  test('may take longer than a short request if its pace suffices', async () => {
    const parts = [toChunk(first), toChunk('y') + end('y')];
    const response = await send(await start(), toHead(toLength(`${first}y`)), parts);
    expect(response).toMatch(/^HTTP\/1.1 200 /);
    expect(response).toContain('{"length":60001}');
  });

  test('is a 408 if it stalls', async () => {
    const response = await send(await start(), toHead(toLength('four')), [toChunk('f')]);
    expect(response).toMatch(/^HTTP\/1.1 408 /);
    expect(response).toContain('"title":"Request Timeout"');
  });
});

test('a connection is not idle while its response is computed', async () => {
  const port = toPort(await start({ silenceMs: 1000 }, 2500));
  const call = request({ port, method: 'POST', agent: false });
  call.end('a body');
  const [response] = await once(call, 'response');
  expect(response.statusCode).toBe(200);
});

test('a silent connection is closed while its body is read', async () => {
  const server = await start({ requestMs: 60_000, silenceMs: 1000 });
  expect(await send(server, toHead('Content-Length: 4'), [])).toBe('');
});
