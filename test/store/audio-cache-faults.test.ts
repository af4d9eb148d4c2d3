/** A store that fails or stalls in any of its calls: every client gets its audio, and no failed write is served. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createPassThrough } from '#test-streams';
import { createAudioCache } from '../../src/audio/cache/audio-cache.ts';
import type { ObjectStore } from '../../src/store/object-store.ts';
import { createSound, getBytes, isSame } from '../support/audio-cases.ts';
import { clearStore, startStoreGateway, store, storedAudio, untilStored } from '../support/store-gateway.ts';
import { type StoreStep, wrapStore } from '../support/test-store.ts';

const sid = '0907065723240097';
const path = `/recordings/${sid}/audio`;
const sound = createSound(200_000);

beforeEach(clearStore);
afterEach(clearStore);

const reading = ['head', 'get'] as const;
const writing = ['writer.write', 'writer.close', 'writer.abort'] as const;
const deleting = ['head', 'put', 'list', 'delete'] as const;

/** The store, with one failing step while `isDown`. */
function createFaulty(
  broken: StoreStep,
  fail: () => Promise<unknown> = () => Promise.reject(new Error('down')),
) {
  const state = { isDown: true };
  const faulty = wrapStore(({ step, run }) => (state.isDown && step === broken ? fail() : run()));
  return { state, store: faulty };
}

describe.each([true, false])('audio with a length from the legacy service: %s', (declared) => {
  test.each([...reading, ...writing])('is served for the first time while %s fails', async (call) => {
    const faulty = createFaulty(call);
    const gateway = await startStoreGateway({ store: faulty.store, declared, sound: () => sound });
    const response = await gateway.get(path);
    expect(response.status).toBe(200);
    expect(isSame(await getBytes(response), sound)).toBe(true);
  });

  test.each(reading)('that is stored comes from the legacy service while %s fails', async (call) => {
    const faulty = createFaulty(call);
    faulty.state.isDown = false;
    const gateway = await startStoreGateway({ store: faulty.store, declared, sound: () => sound });
    await getBytes(await gateway.get(path));
    await untilStored(1);
    faulty.state.isDown = true;
    expect(isSame(await getBytes(await gateway.get(path)), sound)).toBe(true);
    const part = await gateway.get(path, { headers: { Range: 'bytes=5-9' } });
    expect(part.status).toBe(206);
    expect(isSame(await getBytes(part), sound.slice(5, 10))).toBe(true);
    const tail = await gateway.get(path, { headers: { Range: 'bytes=-5' } });
    expect(tail.status).toBe(declared ? 206 : 200);
    expect(isSame(await getBytes(tail), declared ? sound.slice(-5) : sound)).toBe(true);
    expect((await gateway.get(path, { method: 'HEAD' })).status).toBe(200);
  });
});

test.each(deleting)('a deletion is a 503 while %s fails, and may be repeated', async (call) => {
  const faulty = createFaulty(call);
  faulty.state.isDown = false;
  const gateway = await startStoreGateway({ store: faulty.store, declared: true, sound: () => sound });
  await getBytes(await gateway.get(path));
  await untilStored(1);
  faulty.state.isDown = true;
  const refused = await gateway.get(`/recordings/${sid}`, { method: 'DELETE' });
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ type: '/problems/store-unavailable' });
  // Other objects are removed.
  expect(await storedAudio()).toHaveLength(call === 'list' || call === 'delete' ? 1 : 0);
  faulty.state.isDown = false;
  expect((await gateway.get(`/recordings/${sid}`, { method: 'DELETE' })).status).toBe(204);
  expect(await storedAudio()).toEqual([]);
});

describe('a store that stalls', () => {
  const audio = { accountId: 'account', sid, format: 'wav', sampleRateHz: 8000 } as const;
  const key = `audio/account/${sid}/wav-8000`;
  const never = () => new Promise<never>(() => {});
  const create = (faulty: ObjectStore, { now = Date.now, timeoutMs = 500 } = {}) => {
    const work: Promise<unknown>[] = [];
    const onFailure = vi.fn<(cause: unknown) => void>();
    const waitUntil = (more: Promise<unknown>) => work.push(more);
    const options = { waitUntil, onFailure, timeoutMs, now, createPassThrough };
    return { ...createAudioCache({ ...options, store: faulty }), work, onFailure };
  };

  test.each(reading)('at %s is not waited for', async (call) => {
    // The rest of the store responds at once, as an empty one.
    const cache = create(wrapStore(async ({ step }) => (step === call ? never() : null)));
    for (const wanted of ['whole', 'description', { first: 5, last: 9 }] as const) {
      // Each of these needs a description; only some need the content too.
      const isAsked = call === 'head' || wanted !== 'description';
      const { source, fill } = await cache.lookup(audio, wanted);
      expect([source, fill === null]).toEqual([null, isAsked]);
    }
    expect(cache.onFailure).toHaveBeenCalled();
  });

  test.each(deleting)('at %s delays no deletion', async (call) => {
    await store.put(key, sound);
    await expect(create(createFaulty(call, never).store).purge(audio, 'deleted')).rejects.toThrow('too slow');
  });

  test('has its content cancelled if only the tombstone cannot be read', async () => {
    await store.put(key, sound);
    const isCancelled = Promise.withResolvers<void>();
    const body = new ReadableStream({ cancel: () => isCancelled.resolve() });
    const got = { ...(await store.head(key)), body };
    const noTombstones = wrapStore(async ({ step, run }) => {
      if (step === 'head') throw new Error('down');
      return step === 'get' ? got : run();
    });
    await create(noTombstones).lookup(audio, 'whole');
    await isCancelled.promise;
  });

  test('after work that Workers ended early is written to again after five minutes', async () => {
    let time = 0;
    const isCut = Promise.withResolvers<void>();
    const faulty = createFaulty('writer.close', () => {
      isCut.resolve();
      return never();
    });
    const cache = create(faulty.store, { now: () => time, timeoutMs: 60_000 });
    const pass = async () => {
      const { fill } = await cache.lookup(audio, 'whole');
      const passed = fill?.whilePassing(new Response(sound).body as ReadableStream, null);
      return new Uint8Array(await new Response(passed).arrayBuffer());
    };
    // The platform ends the request here, and its promises never settle.
    expect(isSame(await pass(), sound)).toBe(true);
    await isCut.promise;
    faulty.state.isDown = false;
    time = 299_999;
    expect(isSame(await pass(), sound)).toBe(true);
    expect(cache.work).toHaveLength(1);
    time = 300_000;
    expect(isSame(await pass(), sound)).toBe(true);
    expect(cache.work).toHaveLength(2);
    await untilStored(1);
  });
});
