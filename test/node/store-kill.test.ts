/**
 * `kill -9` in the middle of everything that writes to a store: the next process serves nothing short, repeats no
 * call, and finishes the rest.
 */
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { type ClientRequest, request } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { createFolderStore } from '../../src/node/folder-store.ts';
import { createAudio } from '../emulator/audio.ts';
import { sids } from '../emulator/seeds.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { basic } from '../support/harness.ts';
import { createFolder, storeKinds, useStoreProcesses } from '../support/store-processes.ts';

const wav = createAudio('wav', { seed: 'kill', rate: 8000, seconds: 200 }).slice();

/** While set, the vendor has begun to fetch an upload, and waits. */
let fetching: PromiseWithResolvers<void> | null = null;
const processes = useStoreProcesses({ beforeFetch: () => fetching?.promise, withS3: true });
const { emulator, createStore } = processes;
const headers = basic(emulator);

const start = (store: Readonly<Record<string, string>>) =>
  processes.start({
    // A page waits for half of it for the snapshot of the process that was killed.
    LEGACY_ANSWER_TIMEOUT_MS: '2000',
    LEGACY_TIME_ZONE: 'America/Chicago',
    ...store,
  });

/** Sends the first bytes of an upload; the rest follows with `end`. The response to a killed process is an error. */
function beginUpload({ url }: GatewayProcess, key: string, sentBytes: number): ClientRequest {
  const call = request(`${url}/uploads/audio?type=findme&id=1234`, {
    method: 'POST',
    headers: {
      ...headers,
      'Content-Type': 'audio/wav',
      'Content-Length': wav.length,
      'Idempotency-Key': `"${key}"`,
    },
  });
  call.on('error', () => {});
  call.write(wav.subarray(0, sentBytes));
  return call;
}

async function upload(gateway: GatewayProcess, key: string) {
  const call = beginUpload(gateway, key, wav.length);
  call.end();
  const [response] = await once(call, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, ...JSON.parse(text) };
}

const callsOf = (action: string) => emulator.calls.filter((call) => call.action === action).length;

async function readAudio({ url }: GatewayProcess, sid: string) {
  const response = await fetch(`${url}/recordings/${sid}/audio`, { headers });
  expect(response.status).toBe(200);
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(bytes.length).toBe(Number(response.headers.get('Content-Length')));
  return { tag: response.headers.get('ETag'), bytes };
}

async function readPage({ url }: GatewayProcess, path: string) {
  const response = await fetch(url + path, { headers });
  expect(response.status).toBe(200);
  const { recordings } = (await response.json()) as { recordings: { sid: string }[] };
  const next = /^<([^>]+)>/.exec(response.headers.get('Link') ?? '')?.[1] ?? null;
  return { sids: recordings.map(({ sid }) => sid), next };
}

/** Leaves a request open until its process ends. */
function open({ url }: GatewayProcess, path: string, range?: string): void {
  const call = request(url + path, { headers: { ...headers, ...(range && { Range: range }) } });
  call.on('error', () => {});
  call.on('response', (response) => response.on('error', () => {}).resume());
  call.end();
}

test.each(storeKinds)(
  'a process that is killed while it writes to %s leaves everything usable',
  async (kind) => {
    emulator.reset();
    const store = await createStore(kind);
    const killed = await start(store);
    // Verifies the keys, so that each later call is a write's own.
    const first = await readPage(killed, '/recordings?type=powerdialer&id=1000&limit=100');
    fetching = Promise.withResolvers();
    const called = beginUpload(killed, 'called', wav.length);
    called.end();
    await expect.poll(() => callsOf('recording.upload')).toBe(1);
    beginUpload(killed, 'half', wav.length / 2);
    emulator.fault({ name: 'stall-midway', action: 'recording.download' });
    emulator.fault({ name: 'stall-midway', action: 'recording.list' });
    const downloads = callsOf('recording.download');
    open(killed, `/recordings/${sids.playable}/audio`);
    // Far enough for a fill in the background.
    open(killed, `/recordings/${sids.hour}/audio`, 'bytes=50000000-50000099');
    open(killed, first.next ?? '');
    await expect.poll(() => callsOf('recording.download')).toBe(downloads + 3);
    await expect.poll(() => callsOf('recording.list')).toBe(2);
    if (kind === 'a folder') {
      // The two uploads, the two recordings, and the list.
      const bodies = join(store.STORE?.slice('file:'.length) ?? '', 'bodies');
      await expect.poll(async () => (await readdir(bodies)).length).toBe(5);
    }
    await killed.stop('SIGKILL');
    emulator.clearFaults();
    const gateway = await start(store);
    // The vendor fetches the audio of the killed upload from the next process.
    fetching.resolve();
    expect((await upload(gateway, 'half')).status).toBe(201);
    expect(await upload(gateway, 'called')).toMatchObject({ status: 409 });
    expect(callsOf('recording.upload')).toBe(2);
    for (const sid of [sids.playable, sids.hour]) {
      const passed = await readAudio(gateway, sid);
      expect(passed.tag).toBeNull();
      await expect.poll(async () => (await readAudio(gateway, sid)).tag, { timeout: 10_000 }).toMatch(/^"/);
      const kept = await readAudio(gateway, sid);
      expect(kept.bytes.equals(passed.bytes)).toBe(true);
    }
    const listed = [...first.sids];
    for (let next = first.next; next !== null; ) {
      const page = await readPage(gateway, next);
      listed.push(...page.sids);
      next = page.next;
    }
    expect(listed).toHaveLength(1000);
    expect(new Set(listed).size).toBe(1000);
  },
  60_000,
);

test('a process that is killed between a body and its row in a folder leaves a body that is swept', async () => {
  emulator.reset();
  const directory = await createFolder();
  const gateway = await start({ STORE: `file:${directory}` });
  const bodies = join(directory, 'bodies');
  // Keeps the row from being written.
  const index = new DatabaseSync(join(directory, 'index.sqlite'));
  const uploading = beginUpload(gateway, 'rowless', wav.length / 2);
  await expect.poll(async () => (await readdir(bodies)).length).toBe(1);
  index.exec('begin immediate');
  uploading.end(wav.subarray(wav.length / 2));
  const [name = ''] = await readdir(bodies);
  await expect.poll(async () => (await stat(join(bodies, name))).size).toBe(wav.length);
  await gateway.stop('SIGKILL');
  index.exec('rollback');
  index.close();

  const again = await start({ STORE: `file:${directory}` });
  expect(callsOf('recording.upload')).toBe(0);
  expect((await upload(again, 'rowless')).status).toBe(201);
  const store = createFolderStore({ directory, now: () => Date.now() + 60 * 60 * 1000 });
  await store.sweep();
  expect((await store.list('uploads/')).keys).toHaveLength(1);
  store.close();
  expect(await readdir(bodies)).not.toContain(name);
});
