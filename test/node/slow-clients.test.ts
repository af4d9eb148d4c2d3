/** Slow clients are disconnected, and other clients are not affected. */
import { connect, type Socket } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { createEmulator } from '../emulator/emulator.ts';
import { sids } from '../emulator/seeds.ts';
import { serveEmulator } from '../emulator/server.ts';
import { startProcess } from '../support/gateway-process.ts';
import { basic } from '../support/harness.ts';

/** The tests wait most of the time, so they run side by side, and what they start ends with the last of them. */
const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  for (const clean of cleanups.reverse()) await clean();
});

async function start() {
  const emulator = createEmulator();
  const legacy = await serveEmulator(emulator);
  const gateway = await startProcess({ LEGACY_API_URL: legacy.url });
  cleanups.push(async () => {
    await gateway.stop('SIGKILL');
    await legacy.close();
  });
  const { Authorization } = basic(emulator);
  return { ...gateway, emulator, Authorization, port: Number(new URL(gateway.url).port) };
}

/** Writes the texts one by one with a pause between them, and reads nothing. */
function dawdle(port: number, texts: readonly string[], pause: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  const [first = '', ...rest] = texts;
  socket.write(first);
  const timer = setInterval(() => {
    const text = rest.shift();
    if (text === undefined || socket.destroyed) clearInterval(timer);
    else socket.write(text);
  }, pause);
  cleanups.push(() => {
    clearInterval(timer);
    socket.destroy();
  });
  return socket;
}

function answerOf(socket: Socket): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
  });
}

test.concurrent('two hundred of them do not delay a probe', { timeout: 60_000 }, async () => {
  const { url, port, Authorization } = await start();
  const header = ['GET / HTTP/1.1\r\nHost: a\r\n', ...Array.from({ length: 30 }, (_, n) => `X-${n}: 1\r\n`)];
  for (let count = 0; count < 100; count++) dawdle(port, header, 500);
  const audio = `GET /recordings/${sids.hour}/audio HTTP/1.1\r\nHost: a\r\nAuthorization: ${Authorization}\r\n\r\n`;
  for (let count = 0; count < 100; count++) dawdle(port, [audio], 1000).pause();
  const statuses: number[] = [];
  for (const end = Date.now() + 12_000; Date.now() < end; ) {
    const query = '/recordings?type=findme&id=1234';
    const response = await fetch(url + query, {
      headers: { Authorization },
      signal: AbortSignal.timeout(10_000),
    });
    await response.text();
    statuses.push(response.status);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(new Set(statuses)).toEqual(new Set([200]));
});

test.concurrent.each([
  ['headers that do not end', ['GET / HTTP/1.1\r\nHost: a\r\n', ...Array(40).fill('X-A: 1\r\n')], 408],
  [
    'headers of a megabyte',
    [`GET / HTTP/1.1\r\nHost: a\r\n${`X-A: ${'a'.repeat(1000)}\r\n`.repeat(1000)}`],
    431,
  ],
  ['what is no HTTP', ['hello\r\n\r\n'], 400],
])('%s end in a problem and a closed connection', { timeout: 60_000 }, async (_what, texts, status) => {
  const { port } = await start();
  const answer = await answerOf(dawdle(port, texts, 500));
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer).toMatch(/^Cache-Control: private, no-store\r$/m);
  expect(answer).toMatch(/^X-Content-Type-Options: nosniff\r$/m);
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ type: 'about:blank', status });
});

test.concurrent('a body that never arrives ends the request', { timeout: 60_000 }, async () => {
  const { port, Authorization, emulator } = await start();
  const head = `POST /uploads HTTP/1.1\r\nHost: a\r\nAuthorization: ${Authorization}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`;
  const started = Date.now();
  expect(await answerOf(dawdle(port, [head], 1000))).toMatch(/^HTTP\/1.1 408 /);
  expect(Date.now() - started).toBeLessThan(35_000);
  expect(emulator.calls).toEqual([]);
});
