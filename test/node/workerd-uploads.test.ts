/**
 * Uploads on the deployed Worker, with the store in another process: bytes, memory, and every connection that can
 * break.
 */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAudio } from '../emulator/audio.ts';
import { createEmulator } from '../emulator/emulator.ts';
import type { AudioFile } from '../emulator/repeating.ts';
import { type EmulatorServer, serveEmulator } from '../emulator/server.ts';
import { assertDocumented } from '../support/documented.ts';
import { basic } from '../support/harness.ts';
import { type R2Server, serveR2 } from '../support/r2-server.ts';
import { type RunningWorkerd, startWorkerd } from '../support/workerd.ts';

const megabyte = 1_000_000;
const publicUrl = 'https://gateway.example';
/** While set, the vendor has an upload's call, and waits before it fetches the audio. */
let busy: Promise<void> | null = null;
const emulator = createEmulator({
  async fetchPath(url) {
    await busy;
    return await fetch(url.replace(publicUrl, gateway.url));
  },
});
let store: R2Server;
let legacy: EmulatorServer;
let gateway: RunningWorkerd;

beforeAll(async () => {
  store = await serveR2();
  legacy = await serveEmulator(emulator);
  gateway = await start();
}, 60_000);
afterAll(async () => {
  await gateway?.close();
  await legacy?.close();
  await store?.close();
});
afterEach(() => {
  store.heal();
  store.clear();
  emulator.reset();
});

const start = () =>
  startWorkerd({
    store: store.address,
    vars: {
      LEGACY_API_URL: legacy.url,
      LEGACY_UPLOAD_TIMEOUT_MS: '110000',
      PUBLIC_URL: publicUrl,
      TOKEN_KEYS: btoa('a key for tests, 32 bytes long..'),
      MAX_UPLOAD_BYTES: String(600 * megabyte),
    },
  });

/** An audio file of about this many bytes. */
function fileOf(format: 'wav' | 'mp3', bytes: number): AudioFile {
  const perSecond = createAudio(format, { seed: 'long', rate: 44_100, seconds: 10 }).length / 10;
  return createAudio(format, { seed: 'long', rate: 44_100, seconds: bytes / perSecond });
}

type How = 'declared' | 'chunked';

function open(
  file: AudioFile,
  how: How,
  headers: Record<string, string> = {},
  origin = gateway.url,
): ClientRequest {
  return request(`${origin}/uploads/audio?type=findme&id=1234`, {
    method: 'POST',
    agent: false,
    headers: {
      ...basic(emulator),
      'Content-Type': file.contentType,
      ...(how === 'declared' && { 'Content-Length': file.length }),
      ...headers,
    },
  });
}

/**
 * A gateway that rejects may close the connection during the upload, and its response be lost: such requests are
 * repeated.
 */
async function upload(file: AudioFile, how: How, headers?: Record<string, string>) {
  const isHangUp = (error: unknown) =>
    error instanceof Error && 'code' in error && ['EPIPE', 'ECONNRESET'].includes(String(error.code));
  for (let tries = 3; ; tries -= 1) {
    try {
      return await uploadOnce(file, how, headers);
    } catch (error) {
      if (tries === 0 || !isHangUp(error)) throw error;
    }
  }
}

async function uploadOnce(file: AudioFile, how: How, headers?: Record<string, string>) {
  const sent = open(file, how, headers);
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  let sum = 0;
  function* read() {
    for (const chunk of file.read()) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
  }
  pipeline(Readable.from(read(), { objectMode: false }), sent).catch(() => {});
  const [message] = await answered;
  const response = await toResponse(message);
  await assertDocumented({ method: 'POST', path: '/uploads/audio' }, response);
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, body, sum };
}

async function toResponse(message: IncomingMessage): Promise<Response> {
  const headers = Object.entries(message.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return new Response(await text(message), { status: message.statusCode ?? 0, headers });
}

/** Resets the peak, so that it covers only later requests. In bytes. */
async function memory(): Promise<{ now: number; peak: () => Promise<number> }> {
  const status = `/proc/${gateway.pid}/status`;
  const read = async (name: string) =>
    1024 * Number(new RegExp(`${name}:\\s+(\\d+)`).exec(await readFile(status, 'utf8'))?.[1]);
  await writeFile(`/proc/${gateway.pid}/clear_refs`, '5');
  return { now: await read('VmRSS'), peak: () => read('VmHWM') };
}

test.each([
  ['wav', 'declared'],
  ['mp3', 'chunked'],
] as const)(
  'half a gigabyte of %s, %s, arrives complete and takes less than 32 MB',
  { timeout: 120_000 },
  async (format, how) => {
    const small = createAudio(format, { seed: 'small', rate: 44_100, seconds: 100 });
    expect((await upload(small, how)).status).toBe(201);
    emulator.reset();
    const file = fileOf(format, 500 * megabyte);
    const before = await memory();
    const { status, sum } = await upload(file, how);
    const growth = ((await before.peak()) - before.now) / megabyte;
    expect(status).toBe(201);
    expect(emulator.account('page').uploads[0]?.content).toMatchObject({
      format,
      length: file.length,
      crc32: sum,
    });
    expect(growth).toBeLessThan(32);
  },
);

describe.each(['declared', 'chunked'] as const)('with its length %s', (how) => {
  const file = fileOf('wav', 13 * megabyte);

  test.each([
    ['wav', 100],
    ['wav', 50_000],
    ['wav', 7 * megabyte],
    ['mp3', 50_000],
    ['mp3', 7 * megabyte],
  ] as const)('%s of %i bytes arrives complete', async (format, bytes) => {
    const { status, sum, body } = await upload(fileOf(format, bytes), how);
    expect(status).toBe(201);
    expect(emulator.account('page').uploads[0]?.content).toMatchObject({
      format,
      crc32: sum,
      length: body.content_length,
    });
  });

  test.each([0, 100, 20_000, 3 * megabyte, 7 * megabyte, file.length - 1])(
    'a client that disconnects after %i bytes leaves no object',
    async (bytes) => {
      await cutAfter(file, how, bytes);
      await expect.poll(() => store.openUploads()).toBe(0);
      expect(staged()).toEqual([]);
      expect(emulator.calls).toHaveLength(0);
    },
  );

  test.each(
    how === 'declared'
      ? [
          ['put', 0],
          ['put', 1],
          ['put', 5 * megabyte],
          ['put', file.length],
        ]
      : [
          ['createMultipartUpload', 0],
          ['uploadPart', 1],
          ['uploadPart', 4 * megabyte],
          ['completeMultipartUpload', 0],
        ],
  )('a store that breaks off at %s after %i bytes leaves no object', async (method, bytes) => {
    store.breakAt(String(method), Number(bytes));
    const { status, body } = await upload(file, how);
    expect({ status, type: body.type }).toEqual({ status: 503, type: '/problems/store-unavailable' });
    await expect.poll(() => [staged().length, store.openUploads()]).toEqual([0, 0]);
    expect(emulator.calls).toHaveLength(0);
  });

  test('a killed gateway leaves no object, and at most parts that a rule removes', async () => {
    const other = await start();
    const sent = open(file, how, {}, other.url);
    sent.on('error', () => {});
    sent.write(file.slice(0, 7 * megabyte));
    await sleep(300);
    await other.close();
    await sleep(100);
    expect(staged()).toEqual([]);
    // Keys that are new to this gateway are verified first, which is another call.
    expect(emulator.calls.filter(({ action }) => action === 'recording.upload')).toEqual([]);
    expect(store.openUploads()).toBeLessThanOrEqual(how === 'chunked' ? 1 : 0);
  });
});

test('a client that disconnects while the legacy service is busy finds the first response under its key', async () => {
  const file = fileOf('wav', 50_000);
  const key = { 'Idempotency-Key': '"left-early"' };
  const { promise, resolve } = Promise.withResolvers<void>();
  busy = promise;
  const sent = open(file, 'declared', key);
  sent.on('error', () => {});
  sent.end(file.slice());
  await expect.poll(() => emulator.calls.length).toBe(1);
  sent.destroy();
  const early = await upload(file, 'declared', key);
  expect(early.status).toBe(409);
  resolve();
  await expect.poll(async () => (await upload(file, 'declared', key)).status, { interval: 200 }).toBe(201);
  expect(emulator.calls).toHaveLength(1);
  expect(emulator.account('page').uploads).toHaveLength(1);
});

test('a legacy service that breaks off leaves a complete object for an hour, until the rule removes it', async () => {
  const file = fileOf('wav', 50_000);
  emulator.fault({ name: 'reset-before-answer', action: 'recording.upload' });
  expect((await upload(file, 'declared')).status).toBe(502);
  expect(staged()).toMatchObject([{ size: file.length }]);
});

const staged = () => [...store.objects.values()].filter(({ key }) => key.startsWith('uploads/'));

async function cutAfter(file: AudioFile, how: How, bytes: number): Promise<void> {
  const sent = open(file, how);
  sent.on('error', () => {});
  sent.flushHeaders();
  if (bytes > 0) await new Promise((resolve) => sent.write(file.slice(0, bytes), resolve));
  await sleep(100);
  sent.destroy();
  await sleep(100);
}
