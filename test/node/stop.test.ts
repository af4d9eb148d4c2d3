/** What happens to those who are being served when the Node entry is told to stop. */
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createEmulator } from '../emulator/emulator.ts';
import { sids } from '../emulator/seeds.ts';
import { serveEmulator } from '../emulator/server-node.ts';
import { basic } from '../harness.ts';
import { startProcess } from './gateway-process.ts';

const hour = 60 * 60 * 16_000 + 44;

async function start() {
  const emulator = createEmulator();
  const legacy = await serveEmulator(emulator);
  const gateway = await startProcess({ LEGACY_API_URL: legacy.url });
  onTestFinished(async () => {
    await gateway.stop('SIGKILL');
    await legacy.close();
  });
  return { ...gateway, headers: basic(emulator) };
}

/** Resolves when nobody listens any more. */
async function refused(url: string): Promise<void> {
  const ask = () =>
    fetch(`${url}/health`).then(
      () => 'answered',
      () => 'refused',
    );
  await expect.poll(ask, { timeout: 10_000 }).toBe('refused');
}

test('SIGTERM under load loses no running download, and takes nothing new', { timeout: 60_000 }, async () => {
  const { url, headers, lines, stop } = await start();
  const downloads = await Promise.all(
    Array.from({ length: 20 }, () => fetch(`${url}/recordings/${sids.hour}/audio`, { headers })),
  );
  const lists = Array.from({ length: 40 }, () =>
    fetch(`${url}/recordings?type=powerdialer&id=10000`, { headers }),
  );
  await Promise.race(lists);
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

test('a client that keeps its connection does not keep the process', async () => {
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

test('whoever cannot wait says it twice', async () => {
  const { url, headers, pid, stop } = await start();
  // Held as a whole: a response that is collected gives its connection up, and the server has nobody to wait for.
  const response = await fetch(`${url}/recordings/${sids.hour}/audio`, { headers });
  const ended = stop('SIGTERM');
  await refused(url);
  process.kill(pid, 'SIGTERM');
  expect(await ended).toBe(1);
  await response.body?.cancel().catch(() => {});
});
