/**
 * A folder that disappears or turns read-only while the gateway runs, and an S3 server that loses the bucket or
 * rejects the key: audio plays, nothing is lost silently, and all of it works once the store is back.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createAudio } from '../emulator/audio.ts';
import { sids } from '../emulator/seeds.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { basic } from '../support/harness.ts';
import { createFolder, isVersitygw, useStoreProcesses } from '../support/store-processes.ts';

const played = `/recordings/${sids.playable}`;
const deleted = `/recordings/${sids.listed[0]}`;
const wav = createAudio('wav', { seed: 'loss', rate: 8000, seconds: 2 }).slice();

const { emulator, start: startOn, createStore, s3Losses } = useStoreProcesses({ withS3: true });
const headers = basic(emulator);

async function start() {
  emulator.reset();
  const directory = join(await createFolder(), 'store');
  const gateway = await startOn({ STORE: `file:${directory}` });
  return { gateway, directory };
}

type Gateway = GatewayProcess;

const remove = ({ url }: Gateway) => fetch(url + deleted, { method: 'DELETE', headers });
const query = 'type=findme&id=1234';

/** By bytes, and by a path, which stores nothing but its first response. */
const uploads: readonly ((gateway: Gateway) => Promise<Response>)[] = [
  ({ url }) =>
    fetch(`${url}/uploads/audio?${query}`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'audio/wav', 'Idempotency-Key': '"bytes"' },
      body: wav,
    }),
  ({ url }) =>
    fetch(`${url}/uploads`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json', 'Idempotency-Key': '"path"' },
      body: JSON.stringify({ type: 'findme', id: 1234, path: '/files/call.wav' }),
    }),
];

const uploadCalls = () => emulator.calls.filter(({ action }) => action === 'recording.upload');

/** The ETag of stored audio; null if the legacy service sent it. */
async function readTag({ url }: Gateway, rateHz = 8000): Promise<string | null> {
  const response = await fetch(`${url}${played}/audio?sample_rate=${rateHz}`, { headers });
  expect(response.status).toBe(200);
  const { byteLength } = await response.arrayBuffer();
  expect(byteLength).toBe(Number(response.headers.get('Content-Length')));
  return response.headers.get('ETag');
}

/** A request that needs the store is a problem, whose line in the log names the cause. */
async function expectProblem(gateway: Gateway, response: Response, error: string): Promise<void> {
  const problem = await response.json();
  expect(problem).toMatchObject({
    type: '/problems/store-unavailable',
    status: 503,
    detail: expect.stringContaining("gateway's store"),
  });
  await expect
    .poll(() =>
      gateway.lines.find((line) => line.includes('"store-failed"') && line.includes(problem.request_id)),
    )
    .toContain(`"error":"${error}`);
}

async function expectLost(gateway: Gateway, error: string): Promise<void> {
  const calls = uploadCalls().length;
  // In a format that is not stored yet: a read-only folder can still be read.
  expect(await readTag(gateway, 11025)).toBeNull();
  const failures = () => gateway.lines.filter((line) => line.includes('"audio-store-failed"'));
  await expect.poll(failures).not.toEqual([]);
  for (const line of failures()) {
    expect(JSON.parse(line)).toMatchObject({
      request_id: expect.any(String),
      error: expect.stringContaining(error),
    });
  }
  for (const upload of uploads) await expectProblem(gateway, await upload(gateway), error);
  expect(uploadCalls()).toHaveLength(calls);
  await expectProblem(gateway, await remove(gateway), error);
}

async function expectRecovered(gateway: Gateway): Promise<void> {
  const calls = uploadCalls().length;
  for (const upload of [...uploads, ...uploads]) expect((await upload(gateway)).status).toBe(201);
  expect(uploadCalls()).toHaveLength(calls + uploads.length);
  for (const rateHz of [8000, 11025]) await expect.poll(() => readTag(gateway, rateHz)).toMatch(/^"/);
  // The legacy service removed the recording the first time.
  expect((await remove(gateway)).status).toBe(404);
}

const away = (directory: string) => `${directory}.away`;

/** Everything that SQLite writes by calls; the index of its log is mapped into memory. */
async function setFrozen(directory: string, flag: '+i' | '-i'): Promise<void> {
  const names = (await readdir(directory)).filter((name) => !name.endsWith('-shm'));
  execFileSync('chattr', [flag, directory, ...names.map((name) => join(directory, name))], {
    stdio: 'ignore',
  });
}

async function canFreeze(): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'frozen-'));
  try {
    await setFrozen(directory, '+i');
    const isFrozen = await mkdir(join(directory, 'x')).then(
      () => false,
      () => true,
    );
    await setFrozen(directory, '-i');
    return isFrozen;
  } catch {
    return false;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const isFreezing = await canFreeze();
if (!isFreezing) console.warn('Skipped: a folder that turns read-only. It needs root, and chattr.');

describe.each([
  {
    loss: 'is moved away, as when its disk is unmounted',
    lose: (directory: string) => rename(directory, away(directory)),
    restore: (directory: string) => rename(away(directory), directory),
    error: 'Error ENOENT',
    isKept: true,
    isPossible: true,
  },
  {
    loss: 'is deleted, and created again',
    lose: (directory: string) => rm(directory, { recursive: true }),
    restore: async (directory: string) => void (await mkdir(directory)),
    error: 'Error ENOENT',
    isKept: false,
    isPossible: true,
  },
  {
    loss: 'turns read-only',
    lose: (directory: string) => setFrozen(directory, '+i'),
    restore: (directory: string) => setFrozen(directory, '-i'),
    error: 'Error E',
    isKept: true,
    isPossible: isFreezing,
  },
])('a folder that $loss', ({ lose, restore, error, isKept, isPossible }) => {
  test.runIf(isPossible)('fails clearly, and recovers', async () => {
    const { gateway, directory } = await start();
    await expect.poll(() => readTag(gateway)).toMatch(/^"/);
    const tag = await readTag(gateway);
    await lose(directory);
    await expectLost(gateway, error).finally(() => restore(directory));
    await expectRecovered(gateway);
    if (isKept) expect(await readTag(gateway)).toBe(tag);
  });
});

if (!isVersitygw) console.warn('Skipped: an S3 server that loses its bucket or a key. It needs versitygw.');

describe.runIf(isVersitygw).each([
  ['loses its bucket', 'bucket', 'S3Error 404 NoSuchBucket'],
  ['rejects a key that is revoked', 'key', 'S3Error 403'],
] as const)('an S3 server that %s', (_name, lost, error) => {
  test('fails clearly, and recovers', async () => {
    emulator.reset();
    const losses = s3Losses()?.[lost];
    const gateway = await startOn(await createStore('S3'));
    await expect.poll(() => readTag(gateway)).toMatch(/^"/);
    const tag = await readTag(gateway);
    await losses?.lose();
    await expectLost(gateway, error).finally(() => losses?.restore());
    await expectRecovered(gateway);
    expect(await readTag(gateway)).toBe(tag);
  });

  test('fails exports clearly, which recover', async () => {
    emulator.reset();
    const losses = s3Losses()?.[lost];
    const store = await createStore('S3');
    const gateway = await startOn({ ...store, WORKFLOW_DATABASE_URL: `file:${await createFolder()}/runs` });
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(gateway.url + path, {
        ...init,
        headers: { ...headers, 'Content-Type': 'application/json' },
      });
    const body = JSON.stringify({ sources: [{ type: 'findme', id: 1234 }] });
    const create = () => ask('/exports', { method: 'POST', body });
    const { id } = await (await create()).json();
    const read = async () => (await ask(`/exports/${id}`)).json();
    await expect.poll(read, { timeout: 20_000 }).toMatchObject({ status: 'completed' });
    const files = () => ask(`/exports/${id}/manifest`);
    expect((await files()).status).toBe(200);

    await losses?.lose();
    try {
      for (const response of [
        await create(),
        await ask('/exports'),
        await ask(`/exports/${id}`),
        await files(),
      ]) {
        expect(await response.json()).toMatchObject({ type: '/problems/store-unavailable', status: 503 });
        expect(response.headers.get('Retry-After')).toBe('5');
      }
    } finally {
      await losses?.restore();
    }
    expect(await read()).toMatchObject({ status: 'completed' });
    expect((await files()).status).toBe(200);
  });
});

test('a folder that another gateway creates again is shared with it', async () => {
  const { gateway, directory } = await start();
  const [upload] = uploads;
  expect((await upload?.(gateway))?.status).toBe(201);
  await rm(directory, { recursive: true });
  const other = await startOn({ STORE: `file:${directory}` });
  expect((await upload?.(other))?.status).toBe(201);
  const calls = uploadCalls().length;
  expect((await upload?.(gateway))?.status).toBe(201);
  expect(uploadCalls()).toHaveLength(calls);
});
