/**
 * Several Node processes on one store: one legacy call per key, no truncated audio after a kill, and mistakes
 * reported at start.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFolderStore } from '../../src/node/folder-store.ts';
import { createAudio } from '../emulator/audio.ts';
import { basic } from '../support/harness.ts';
import { createFolder, isVersitygw, storeKinds, useStoreProcesses } from '../support/store-processes.ts';

const { emulator, start, createStore, legacyUrl } = useStoreProcesses({ withS3: true });
const wav = createAudio('wav', { seed: 'processes', rate: 8000, seconds: 2 }).slice();
const audioPath = '/recordings/0907065723240097/audio';

const get = (origin: string, path: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(origin + path, { headers: { ...basic(emulator), ...headers } });

/** Streamed audio is stored shortly after its last byte. */
async function untilStored(origin: string, path: string): Promise<void> {
  const readTag = async () => {
    const response = await get(origin, path);
    await response.arrayBuffer();
    return response.headers.get('ETag');
  };
  await expect.poll(readTag).toMatch(/^"/);
}

function upload(origin: string, key: string): Promise<Response> {
  return fetch(`${origin}/uploads/audio?type=findme&id=1234`, {
    method: 'POST',
    headers: { ...basic(emulator), 'Content-Type': 'audio/wav', 'Idempotency-Key': `"${key}"` },
    body: wav,
  });
}

const uploadCalls = () => emulator.calls.filter(({ action }) => action === 'recording.upload');

test.each(storeKinds)(
  'fifty uploads under one key, at four processes on %s, make one legacy call',
  async (kind) => {
    emulator.reset();
    const store = await createStore(kind);
    const gateways = await Promise.all(Array.from({ length: 4 }, () => start(store)));
    const sent = Array.from({ length: 50 }, (_, index) => upload(gateways[index % 4]?.url ?? '', kind));
    const statuses = (await Promise.all(sent)).map(({ status }) => status);
    expect(statuses).toContain(201);
    expect(statuses.every((status) => status === 201 || status === 409)).toBe(true);
    expect(uploadCalls()).toHaveLength(1);
    for (const { url } of gateways) expect((await upload(url, kind)).status).toBe(201);
    expect(uploadCalls()).toHaveLength(1);
  },
  60_000,
);

describe('a process that is killed', () => {
  test.each([0, 5, 20, 60, 150])(
    '%i ms into an upload leaves no object, and the key usable or its outcome unknown',
    async (delayMs) => {
      emulator.reset();
      const directory = await createFolder();
      const gateway = await start({ STORE: `file:${directory}` });
      const sending = upload(gateway.url, 'killed').then(
        ({ status }) => status,
        () => null,
      );
      await sleep(delayMs);
      await gateway.stop('SIGKILL');
      const first = await sending;
      const calls = uploadCalls().length;
      const again = await start({ STORE: `file:${directory}` });
      const response = await upload(again.url, 'killed');
      const { type } = await response.json();
      // Never a second call after the legacy service may have received the first.
      if (first === 201) expect(response.status).toBe(201);
      if (calls > 0) {
        expect(uploadCalls()).toHaveLength(calls);
        if (first === null) expect([201, 409]).toContain(response.status);
        if (response.status === 409) expect(type).toMatch(/idempotency-key-in-use|upload-outcome-unknown/);
      } else {
        expect([201, 409]).toContain(response.status);
      }
    },
  );

  test('while audio is streamed leaves no object that is served, and its bytes are swept', async () => {
    emulator.reset();
    const directory = await createFolder();
    const gateway = await start({ STORE: `file:${directory}` });
    const whole = new Uint8Array(
      await (await get(gateway.url, `${audioPath}?sample_rate=11025`)).arrayBuffer(),
    );
    await untilStored(gateway.url, `${audioPath}?sample_rate=11025`);
    emulator.fault({ name: 'stall-midway', action: 'recording.download', times: 1 });
    const broken = request(`${gateway.url}${audioPath}`, { headers: basic(emulator) });
    broken.on('error', () => {});
    broken.end();
    const [response] = await once(broken, 'response');
    response.on('error', () => {});
    response.resume();
    await expect.poll(() => readdir(join(directory, 'bodies'))).toHaveLength(2);
    await gateway.stop('SIGKILL');

    const again = await start({ STORE: `file:${directory}` });
    const full = await get(again.url, audioPath);
    expect(full.headers.get('ETag')).toBeNull();
    expect((await full.arrayBuffer()).byteLength).toBe(Number(full.headers.get('Content-Length')));
    const stored = await get(again.url, `${audioPath}?sample_rate=11025`);
    expect(stored.headers.get('ETag')).toMatch(/^"/);
    expect(Buffer.compare(new Uint8Array(await stored.arrayBuffer()), whole)).toBe(0);
    await untilStored(again.url, audioPath);

    const inAnHour = createFolderStore({ directory, now: () => Date.now() + 60 * 60 * 1000 });
    await inAnHour.sweep();
    inAnHour.close();
    expect(await readdir(join(directory, 'bodies'))).toHaveLength(2);
  });
});

test('a truncated stored body is not served', async () => {
  emulator.reset();
  const directory = await createFolder();
  const gateway = await start({ STORE: `file:${directory}` });
  const whole = (await (await get(gateway.url, audioPath)).arrayBuffer()).byteLength;
  await untilStored(gateway.url, audioPath);
  const [name = ''] = await readdir(join(directory, 'bodies'));
  await writeFile(join(directory, 'bodies', name), 'RIFF');
  const response = await get(gateway.url, audioPath);
  expect(response.headers.get('ETag')).toBeNull();
  expect((await response.arrayBuffer()).byteLength).toBe(whole);
});

test('while the folder fails, audio comes from the legacy service and uploads are a 503', async () => {
  emulator.reset();
  const directory = await createFolder();
  const gateway = await start({ STORE: `file:${directory}` });
  await rm(join(directory, 'bodies'), { recursive: true });
  const audio = await get(gateway.url, audioPath);
  expect(audio.status).toBe(200);
  expect((await audio.arrayBuffer()).byteLength).toBe(Number(audio.headers.get('Content-Length')));
  const response = await upload(gateway.url, 'no-folder');
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ type: '/problems/store-unavailable' });
  expect(uploadCalls()).toHaveLength(0);
  await expect.poll(() => gateway.lines.join('\n')).toContain('audio-store-failed');
});

test('expired objects are swept from a folder', async () => {
  const directory = await createFolder();
  const day = 24 * 60 * 60 * 1000;
  const kept = { 'audio/a/1/wav-8000': 30, 'tombstones/a/1': 90, 'uploads/a/x': 1, 'idempotency/a/y': 1 };
  const store = createFolderStore({ directory });
  for (const key of Object.keys(kept)) await store.put(key, 'x'.repeat(100_000));
  store.close();
  for (const [age, isAround] of [
    [-60_000, () => true],
    [60_000, () => false],
  ] as const) {
    for (const [key, days] of Object.entries(kept)) {
      const later = createFolderStore({ directory, now: () => Date.now() + days * day + age });
      await later.sweep();
      expect((await later.head(key)) !== null).toBe(isAround());
      later.close();
      if (!isAround()) continue;
      const again = createFolderStore({ directory });
      for (const other of Object.keys(kept)) await again.put(other, 'x'.repeat(100_000));
      again.close();
    }
  }
  expect(await readdir(join(directory, 'bodies'))).toEqual([]);
});

describe('a mistake in STORE is reported at start', () => {
  async function fail(store: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, ['src/node/main.ts'], {
      env: { PATH: process.env.PATH, PORT: '0', LEGACY_API_URL: legacyUrl(), ...store },
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    return { said, code };
  }

  test.each([
    [{ STORE: 'nonsense' }, 'STORE must be file:DIRECTORY or s3://BUCKET/PREFIX'],
    [{ STORE: 'file:package.json' }, 'STORE: the folder cannot be used'],
    [{ STORE: 'file:/proc/self/data' }, 'STORE: the folder cannot be used: ENOENT'],
    [{ EXPORT_STORE: 'file:package.json' }, 'EXPORT_STORE: the folder cannot be used'],
    [{ STORE: 's3://bucket' }, 'STORE needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
    [{ AUDIO_STORE: 'file:data' }, 'AUDIO_STORE is now named STORE'],
  ])('%o', async (store, message) => {
    const { said, code } = await fail(store as Record<string, string>);
    expect(said).toContain(message);
    expect(code).toBe(1);
  });

  test.runIf(storeKinds.includes('S3'))('a missing bucket, and keys that S3 rejects', async () => {
    const store = await createStore('S3');
    const missing = await fail({ ...store, STORE: 's3://no-such-bucket' });
    expect(missing).toEqual({ said: 'STORE: there is no bucket no-such-bucket\n', code: 1 });
    // moto checks no signatures.
    if (!isVersitygw) return;
    const wrong = await fail({ ...store, AWS_SECRET_ACCESS_KEY: 'canary' });
    expect(wrong.said).toContain('AWS_SECRET_ACCESS_KEY: S3 rejects them (403');
    expect(wrong.said).not.toContain('canary');
  });

  test('a server that is down is a warning, and audio plays', async () => {
    const gateway = await start({
      STORE: 's3://bucket',
      S3_ENDPOINT: 'http://127.0.0.1:1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    });
    await expect.poll(() => gateway.lines.join('\n')).toContain('store-unreachable');
    expect((await (await get(gateway.url, audioPath)).arrayBuffer()).byteLength).toBeGreaterThan(1000);
    expect((await upload(gateway.url, 'down')).status).toBe(503);
  });
});
