/** In-flight requests while the Node entry stops. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createGracefulStop } from '../../src/node/graceful-stop.ts';
import { createEmulator } from '../emulator/emulator.ts';
import { sids } from '../emulator/seeds.ts';
import { serveEmulator } from '../emulator/server.ts';
import { startProcess } from '../support/gateway-process.ts';
import { basic } from '../support/harness.ts';

const hour = 60 * 60 * 16_000 + 44;

/** Deadlines have tests of their own: here the legacy service shares a thread with twenty clients. */
const patience = {
  LEGACY_FIRST_BYTE_TIMEOUT_MS: '60000',
  LEGACY_ANSWER_TIMEOUT_MS: '60000',
  LEGACY_IDLE_TIMEOUT_MS: '60000',
};

async function start(env: Readonly<Record<string, string>> = {}) {
  const emulator = createEmulator();
  const legacy = await serveEmulator(emulator);
  const gateway = await startProcess({ LEGACY_API_URL: legacy.url, ...patience, ...env });
  onTestFinished(async () => {
    await gateway.stop('SIGKILL');
    await legacy.close();
  });
  return { ...gateway, emulator, headers: basic(emulator) };
}

/** Resolves when connections are refused. */
async function refused(url: string): Promise<void> {
  const ask = () =>
    fetch(`${url}/health`).then(
      () => 'answered',
      () => 'refused',
    );
  await expect.poll(ask, { timeout: 10_000 }).toBe('refused');
}

test('SIGTERM under load interrupts no running download, and accepts no new connections', {
  timeout: 120_000,
}, async () => {
  const { url, headers, lines, stop, emulator } = await start();
  const downloads = await Promise.all(
    Array.from({ length: 20 }, () => fetch(`${url}/recordings/${sids.hour}/audio`, { headers })),
  );
  const lists = Array.from({ length: 40 }, () =>
    fetch(`${url}/recordings?type=powerdialer&id=10000`, { headers }),
  );
  // A request still in transit when the gateway stops may be rejected.
  await expect.poll(() => emulator.calls.length, { timeout: 30_000 }).toBe(60);
  const ended = stop('SIGTERM');

  const sizes = downloads.map(async ({ body }) => {
    let size = 0;
    for await (const chunk of body ?? []) size += chunk.length;
    return size;
  });
  await refused(url);
  expect(await Promise.all(sizes)).toEqual(Array(20).fill(hour));
  expect((await Promise.all(lists)).map(({ status }) => status)).toEqual(Array(40).fill(200));
  expect(await ended).toBe(0);

  const events = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  const told = events.filter(({ operation }) => operation === 'getRecordingAudio');
  expect(told.map(({ legacy }) => legacy.bytes)).toEqual(Array(20).fill(hour));
});

test('a response that has ended but was not sent yet is sent', async () => {
  const length = 50_000_000;
  const server = createServer((_request, response) => response.end(Buffer.alloc(length)));
  const { stop } = createGracefulStop(server, { graceMs: 1000, drainTimeoutMs: 60_000 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(server, 'request');
  const stopped = stop();
  await sleep(2000);
  let received = 0;
  for await (const chunk of socket) received += chunk.length;
  expect(received).toBeGreaterThan(length);
  await stopped;
});

test('a client that keeps its connection does not delay the exit', async () => {
  const { url, headers, stop } = await start();
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  const request = `GET /recordings?type=findme&id=1234 HTTP/1.1\r\nHost: a\r\nAuthorization: ${headers.Authorization}\r\n\r\n`;
  const answered = Promise.withResolvers<void>();
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.on('data', () => answered.resolve());
  socket.write(request);
  await answered.promise;
  expect(await stop('SIGTERM')).toBe(0);
  await closed;
});

test('a second signal exits at once', async () => {
  const { url, headers, pid, stop } = await start();
  // Held as a whole: a garbage-collected response would close its connection, and the server would not wait.
  const response = await fetch(`${url}/recordings/${sids.hour}/audio`, { headers });
  const ended = stop('SIGTERM');
  await refused(url);
  process.kill(pid, 'SIGTERM');
  expect(await ended).toBe(1);
  await response.body?.cancel().catch(() => {});
});

test('readiness ends with the signal, while requests are still served', async () => {
  const { url, headers, lines, stop } = await start({ STOP_GRACE_MS: '6000' });
  const ready = async () => (await fetch(`${url}/health/ready`)).status;
  expect(await ready()).toBe(200);
  const response = await fetch(`${url}/recordings/${sids.hour}/audio`, { headers });
  const ended = stop('SIGTERM');
  await expect.poll(ready).toBe(503);
  const problem = await (await fetch(`${url}/health/ready`)).json();
  expect(problem).toMatchObject({ type: '/problems/shutting-down', status: 503 });
  const list = await fetch(`${url}/recordings?type=findme&id=1234`, { headers });
  expect([list.status, list.headers.get('Connection')]).toEqual([200, 'close']);
  expect((await response.arrayBuffer()).byteLength).toBe(hour);
  expect(await ended).toBe(0);
  const events = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  expect(events.filter(({ event }) => /^stop/.test(event))).toMatchObject([
    { event: 'stopping', open_responses: 1 },
    { event: 'stopped', cut_responses: 0 },
  ]);
});

test('a slow client delays a stop no longer than the drain timeout, and sees a broken response', async () => {
  const { url, headers, lines, stop } = await start({ STOP_GRACE_MS: '0', STOP_DRAIN_TIMEOUT_MS: '1500' });
  const response = await fetch(`${url}/recordings/${sids.hour}/audio`, { headers });
  const startedAt = performance.now();
  expect(await stop('SIGTERM')).toBe(0);
  const tookMs = performance.now() - startedAt;
  expect(tookMs).toBeGreaterThan(1400);
  expect(tookMs).toBeLessThan(20_000);
  await expect(response.arrayBuffer()).rejects.toThrow();
  expect(lines.at(-1)).toContain('"event":"stopped"');
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ cut_responses: 1 });
});

test('`npm run serve` passes the signal on, and leaves no process behind', {
  timeout: 120_000,
}, async () => {
  const env = { LEGACY_API_URL: 'http://127.0.0.1:9/ibp_api.php' };
  const gateway = await startProcess(env, ['npm', 'run', '-s', 'serve']);
  onTestFinished(() => void gateway.stop('SIGKILL'));
  expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
  expect(await gateway.stop('SIGTERM')).toBe(0);
  await refused(gateway.url);
});
