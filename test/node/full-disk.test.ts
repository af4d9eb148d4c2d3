/** A folder store on a disk that is full or read-only: clear problems, audio from the legacy service, and recovery once there is space. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFolderStore } from '../../src/node/folder-store.ts';
import { createAudio } from '../emulator/audio.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { basic } from '../support/harness.ts';
import { useStoreProcesses } from '../support/store-processes.ts';

const megabyte = 1024 * 1024;
const diskBytes = 8 * megabyte;
const recording = '/recordings/0907065723240097';
const small = createAudio('wav', { seed: 'small', rate: 8000, seconds: 2 }).slice();
const large = Buffer.concat([small, Buffer.alloc(2 * diskBytes)]);

const processes = useStoreProcesses();
const { emulator } = processes;

const start = (disk: string, more: Readonly<Record<string, string>> = {}) =>
  processes.start({ STORE: `file:${disk}/store`, ...more });

/** A disk in memory; null if this process may not mount one. */
async function mountDisk(): Promise<string | null> {
  const directory = await mkdtemp(join(tmpdir(), 'disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', directory], {
      stdio: 'ignore',
    });
    return directory;
  } catch {
    await rm(directory, { recursive: true });
    return null;
  }
}

async function unmount(directory: string): Promise<void> {
  // Lazily: a process that was just killed may still hold a file.
  execFileSync('umount', ['-l', directory]);
  await rm(directory, { recursive: true, force: true });
}

const trial = await mountDisk();
if (trial) await unmount(trial);
else console.warn('Skipped: the tests of a full disk. They need the right to mount one.');

async function useDisk(): Promise<string> {
  const disk = await mountDisk();
  if (!disk) throw new Error('no disk');
  onTestFinished(() => unmount(disk));
  return disk;
}

function upload({ url }: GatewayProcess, body: BodyInit, key?: string): Promise<Response> {
  const headers = {
    ...basic(emulator),
    'Content-Type': 'audio/wav',
    ...(key && { 'Idempotency-Key': `"${key}"` }),
  };
  const init = { method: 'POST', headers, body, duplex: 'half' };
  return fetch(`${url}/uploads/audio?type=findme&id=1234`, init);
}

const bodies = (disk: string) => readdir(join(disk, 'store/bodies'));

async function fill(disk: string): Promise<string> {
  const junk = join(disk, 'junk');
  await writeFile(junk, new Uint8Array(2 * diskBytes)).catch(() => {});
  return junk;
}

async function expectStoreProblem(response: Response): Promise<void> {
  expect(await response.json()).toMatchObject({ type: '/problems/store-unavailable', status: 503 });
  expect(response.headers.get('Retry-After')).toBe('5');
}

describe.runIf(trial)('a full disk', () => {
  test.each(['known', 'unknown'])(
    'rejects an upload of %s length midway, and accepts the next',
    async (kind) => {
      emulator.reset();
      const disk = await useDisk();
      const gateway = await start(disk);
      await expectStoreProblem(await upload(gateway, kind === 'known' ? large : new Blob([large]).stream()));
      await expect.poll(() => bodies(disk)).toEqual([]);
      const lines = () => gateway.lines.join('\n');
      await expect.poll(lines).toMatch(/"event":"store-failed".*"error":"Error ENOSPC"/);
      expect((await upload(gateway, small)).status).toBe(201);
    },
  );

  test('passes on audio that it cannot store', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': large.length }).end(large);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const disk = await useDisk();
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ibp_api.php`;
    const gateway = await start(disk, { LEGACY_API_URL: address });
    for (let round = 0; round < 2; round += 1) {
      const response = await fetch(`${gateway.url}${recording}/audio`, { headers: basic(emulator) });
      expect(response.headers.get('ETag')).toBeNull();
      expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), large)).toBe(0);
    }
    await expect
      .poll(() => gateway.lines.join('\n'))
      .toMatch(/"level":"warn","event":"audio-store-failed","request_id":"[^"]+","error":"Error ENOSPC"\}/);
    await expect.poll(() => bodies(disk)).toEqual([]);
  });

  test('without free space fails writes only, until there is space', async () => {
    emulator.reset();
    const disk = await useDisk();
    const gateway = await start(disk);
    const get = () => fetch(`${gateway.url}${recording}/audio`, { headers: basic(emulator) });
    const junk = await fill(disk);
    await expectStoreProblem(await upload(gateway, small));
    await expectStoreProblem(await upload(gateway, small, 'a key'));
    expect(emulator.calls.filter(({ action }) => action === 'recording.upload')).toEqual([]);
    const audio = await get();
    expect(audio.status).toBe(200);
    expect((await audio.arrayBuffer()).byteLength).toBe(Number(audio.headers.get('Content-Length')));
    const removal = { method: 'DELETE', headers: basic(emulator) };
    await expectStoreProblem(await fetch(gateway.url + recording, removal));

    await rm(junk);
    expect((await upload(gateway, small, 'a key')).status).toBe(201);
    // The legacy service removed the recording the first time.
    expect((await fetch(gateway.url + recording, removal)).status).toBe(404);
  });

  // The engine keeps its runs on the same disk: the lease of one that it could not record lasts 30 s.
  test('delays an export, which goes on when there is space', { timeout: 120_000 }, async () => {
    emulator.reset();
    const account = emulator.account('page');
    for (let index = 0; index < 40; index += 1) {
      account.add('findme', '77', { sid: `0911${String(index).padStart(12, '0')}`, seconds: 10 });
    }
    const disk = await useDisk();
    const gateway = await start(disk, { EXPORT_RETRY_SECONDS: '2' });
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(gateway.url + path, {
        ...init,
        headers: { ...basic(emulator), 'Content-Type': 'application/json' },
      });
    const junk = join(disk, 'junk');
    await writeFile(junk, new Uint8Array(diskBytes - 2 * megabyte));
    const body = JSON.stringify({ sources: [{ type: 'findme', id: 77 }], calls_per_minute: 60_000 });
    const { id } = await (await ask('/exports', { method: 'POST', body })).json();
    const get = async () => (await ask(`/exports/${id}`)).json();
    await expect
      .poll(get, { timeout: 60_000 })
      .toMatchObject({ status: 'waiting', reason: '/problems/store-unavailable' });
    await expect
      .poll(() => gateway.lines.join('\n'))
      .toMatch(/"event":"export-step-failed",.*"error":"Error (ENOSPC|\w+ 13)"/);
    await rm(junk);
    await expect
      .poll(get, { timeout: 60_000 })
      .toMatchObject({ status: 'completed', progress: { copied: 40, failed: 0 } });
  });

  test('is swept of what has expired', async () => {
    const disk = await useDisk();
    const directory = join(disk, 'store');
    let now = Date.now();
    const store = createFolderStore({ directory, now: () => now });
    onTestFinished(store.close);
    await store.put('uploads/account/name', new Uint8Array(megabyte));
    await fill(disk);
    now += 2 * 24 * 60 * 60 * 1000;
    await store.sweep();
    expect(await store.head('uploads/account/name')).toBeNull();
    expect(await bodies(disk)).toEqual([]);
  });
});

describe.runIf(trial)('a folder', () => {
  test.each([
    ['is read-only', (disk: string) => execFileSync('mount', ['-o', 'remount,ro', disk]), 'EROFS'],
    ['lies on a full disk', fill, 'ENOSPC'],
  ])('that %s is reported at start', async (_name, spoil, code) => {
    const disk = await useDisk();
    createFolderStore({ directory: join(disk, 'store') }).close();
    await spoil(disk);
    expect(() => createFolderStore({ directory: join(disk, 'store') })).toThrow(code);
    await expect(start(disk)).rejects.toThrow('the gateway ended with 1');
  });
});
