/** A store whose reads fail slowly delays two of them; after that, nothing waits for it until a probe succeeds. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAudio } from '../emulator/audio.ts';
import { sids } from '../emulator/seeds.ts';
import { basic } from '../support/harness.ts';
import { wrapStore } from '../support/test-store.ts';
import { clearStore, startUploadGateway, stored, uploadCalls } from '../support/upload-gateway.ts';

const wav = createAudio('wav', { seed: 'circuit', rate: 8000, seconds: 2 }).slice();
const reads: readonly string[] = ['head', 'get', 'list'];
const slowMs = 1100;

beforeEach(clearStore);
afterEach(async () => {
  vi.useRealTimers();
  await clearStore();
});

async function start() {
  const state = { isDown: true, calls: 0 };
  const store = wrapStore(async ({ step, run }) => {
    state.calls += 1;
    if (!state.isDown || !reads.includes(step)) return await run();
    await new Promise((resolve) => setTimeout(resolve, slowMs));
    throw new Error('down');
  });
  const gateway = await startUploadGateway({ store });
  const headers = basic(gateway.emulator);
  return {
    state,
    gateway,
    headers,
    upload: () => gateway.upload(wav, { headers: { 'Idempotency-Key': '"a key"' } }),
    async readTag() {
      const response = await gateway.fetch(`/recordings/${sids.playable}/audio`, { headers });
      expect(response.status).toBe(200);
      const { byteLength } = await response.arrayBuffer();
      expect(byteLength).toBe(Number(response.headers.get('Content-Length')));
      return response.headers.get('ETag');
    },
    changes: () => gateway.log.filter(({ event }) => String(event).startsWith('circuit-')),
  };
}

test('after one play, the store is not called, and requests that need it are rejected with the time that remains', async () => {
  const { state, gateway, headers, upload, readTag, changes } = await start();
  await readTag();
  // The play goes on at its first failed read.
  const opened = { level: 'warn', event: 'circuit-opened', scope: 'store', caller: null };
  await expect.poll(changes).toEqual([{ ...opened, time: expect.stringMatching(/Z$/) }]);
  const { calls } = state;

  for (let count = 0; count < 5; count += 1) expect(await readTag()).toBeNull();
  const list = '/recordings?type=findme&id=1234&limit=1';
  const first = await (await gateway.fetch(list, { headers })).json();
  expect((await gateway.fetch(`${list}&cursor=${first.next_cursor}`, { headers })).status).toBe(200);
  for (const response of [await upload(), await gateway.upload(wav)]) {
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      type: '/problems/store-unavailable',
      detail: expect.stringContaining('nothing was uploaded'),
    });
    const seconds = Number(response.headers.get('Retry-After'));
    expect(seconds).toBeGreaterThan(5);
    expect(seconds).toBeLessThanOrEqual(30);
  }
  expect(uploadCalls(gateway)).toHaveLength(0);
  expect(state.calls).toBe(calls);
  const failures = gateway.log.filter(({ event }) => event === 'audio-store-failed');
  expect(failures).toHaveLength(1);

  state.isDown = false;
  const removal = { method: 'DELETE', headers };
  expect((await gateway.fetch(`/recordings/${sids.playable}`, removal)).status).toBe(204);
  expect(await stored('tombstones/')).toHaveLength(1);
});

test('once the store responds again, one probe closes the circuit', async () => {
  const { state, upload, readTag, changes } = await start();
  await readTag();
  await expect.poll(changes).toHaveLength(1);
  state.isDown = false;
  expect(await readTag()).toBeNull();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 30_000 });
  const { calls } = state;
  await readTag();
  expect(state.calls).toBe(calls + 1);
  await expect.poll(() => changes().map(({ event }) => event)).toEqual(['circuit-opened', 'circuit-closed']);
  await expect.poll(readTag).toMatch(/^"/);
  expect((await upload()).status).toBe(201);
  expect(await stored('idempotency/')).not.toEqual([]);
});
