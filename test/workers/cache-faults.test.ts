/** A store that fails in any of its calls, or never answers: nobody goes without audio, and miss is claimed. */
import type { R2Bucket, R2GetOptions, R2MultipartUpload } from '@cloudflare/workers-types';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAudioCache } from '../../src/audio/cache/audio-cache.ts';
import { createSound, getBytes, isSame } from '../support/audio-cases.ts';
import { bucket, clearStore, startStoreGateway, storedAudio, untilStored } from '../support/store-gateway.ts';

const sid = '0907065723240097';
const path = `/recordings/${sid}/audio`;
const sound = createSound(200_000);

beforeEach(clearStore);
afterEach(clearStore);

const reading = ['head', 'get'] as const;
const writing = ['put', 'createMultipartUpload', 'uploadPart', 'complete', 'abort'] as const;
const deleting = ['head', 'put', 'list', 'delete'] as const;
type Call = (typeof reading | typeof writing | typeof deleting)[number];

/** The bucket, and the uploads that it begins; one call goes wrong while `isDown`. */
function createFaulty(call: Call, fail: () => Promise<unknown> = () => Promise.reject(new Error('down'))) {
  const state = { isDown: true };
  const spoil = <Target extends object>(target: Target): Target =>
    new Proxy(target, {
      get(_, name) {
        if (state.isDown && name === call) return fail;
        const value = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          const result = await Reflect.apply(value, target, args);
          return name === 'createMultipartUpload' ? spoil(result as R2MultipartUpload) : result;
        };
      },
    });
  return { state, bucket: spoil(bucket) };
}

describe.each([true, false])('audio with a length from the legacy: %s', (declared) => {
  test.each([...reading, ...writing])('passes for the first time while %s fails', async (call) => {
    const faulty = createFaulty(call);
    const gateway = await startStoreGateway({ bucket: faulty.bucket, declared, sound: () => sound });
    const response = await gateway.get(path);
    expect(response.status).toBe(200);
    expect(isSame(await getBytes(response), sound)).toBe(true);
  });

  test.each(reading)('that is stored comes from the legacy service while %s fails', async (call) => {
    const faulty = createFaulty(call);
    faulty.state.isDown = false;
    const gateway = await startStoreGateway({ bucket: faulty.bucket, declared, sound: () => sound });
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

test('a range that only the bucket does not understand is asked for in another way', async () => {
  const get = (key: string, options: R2GetOptions = {}) =>
    'suffix' in (options.range ?? {}) ? Promise.reject(new Error('range')) : bucket.get(key, options);
  const picky = new Proxy(bucket, {
    get: (target, name: keyof R2Bucket) => (name === 'get' ? get : target[name].bind(target)),
  });
  const gateway = await startStoreGateway({ bucket: picky, declared: true, sound: () => sound });
  await getBytes(await gateway.get(path));
  await untilStored(1);
  for (const suffix of [5, 400_000]) {
    const part = await gateway.get(path, { headers: { Range: `bytes=-${suffix}` } });
    expect(part.status).toBe(206);
    expect(isSame(await getBytes(part), sound.slice(-suffix))).toBe(true);
  }
  expect(gateway.calls).toHaveLength(1);
});

test.each(deleting)('a deletion is a 503 while %s fails, and may be sent again', async (call) => {
  const faulty = createFaulty(call);
  faulty.state.isDown = false;
  const gateway = await startStoreGateway({ bucket: faulty.bucket, declared: true, sound: () => sound });
  await getBytes(await gateway.get(path));
  await untilStored(1);
  faulty.state.isDown = true;
  const refused = await gateway.get(`/recordings/${sid}`, { method: 'DELETE' });
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ type: '/problems/store-unavailable' });
  // What can be removed is.
  expect(await storedAudio()).toHaveLength(call === 'list' || call === 'delete' ? 1 : 0);
  faulty.state.isDown = false;
  expect((await gateway.get(`/recordings/${sid}`, { method: 'DELETE' })).status).toBe(204);
  expect(await storedAudio()).toEqual([]);
});

describe('a store that never answers', () => {
  const audio = { accountId: 'account', sid, format: 'wav', sampleRate: 8000 } as const;
  const never = () => new Promise<never>(() => {});
  const create = (faulty: R2Bucket, now = Date.now) => {
    const work: Promise<unknown>[] = [];
    const onFailure = vi.fn<(cause: unknown) => void>();
    const options = { waitUntil: (more: Promise<unknown>) => work.push(more), onFailure, patience: 50, now };
    return { ...createAudioCache({ ...options, bucket: faulty }), work, onFailure };
  };

  test.each(reading)('to %s is not waited for', async (call) => {
    const store = create(createFaulty(call, never).bucket);
    for (const wanted of ['whole', 'description', { first: 5, last: 9 }] as const) {
      // Each of these needs a description; only some need the content as well.
      const isAsked = call === 'head' || wanted !== 'description';
      const shelf = await store.lookup(audio, wanted);
      expect([shelf.source, shelf.keep === null]).toEqual([null, isAsked]);
    }
    expect(store.onFailure).toHaveBeenCalled();
  });

  test.each(deleting)('to %s keeps no deletion waiting', async (call) => {
    await bucket.put(`audio/${sid}/account/wav-8000`, sound);
    await expect(create(createFaulty(call, never).bucket).purge(sid, true)).rejects.toThrow('too slow');
  });

  test('has its content let go of where only the mark of deletions cannot be read', async () => {
    await bucket.put(`audio/${sid}/account/wav-8000`, sound);
    const faulty = createFaulty('get', async () => got);
    const got = await bucket.get(`audio/${sid}/account/wav-8000`);
    const noMarks = new Proxy(faulty.bucket, {
      get: (target, name) =>
        name === 'head' ? () => Promise.reject(new Error('down')) : Reflect.get(target, name),
    });
    await create(noMarks).lookup(audio, 'whole');
    await vi.waitFor(async () => expect(await got?.body.getReader().read()).toEqual({ done: true }));
  });

  test('after work that Workers cut short is written to again, five minutes later', async () => {
    let time = 0;
    const isCut = Promise.withResolvers<void>();
    const faulty = createFaulty('complete', () => {
      isCut.resolve();
      return never();
    });
    const store = create(faulty.bucket, () => time);
    const pass = async () => {
      const { keep } = await store.lookup(audio, 'whole');
      const passed = keep?.pass(new Response(sound).body as ReadableStream, null);
      return new Uint8Array(await new Response(passed).arrayBuffer());
    };
    // The platform ends the request here, and no promise of its own is ever settled.
    expect(isSame(await pass(), sound)).toBe(true);
    await isCut.promise;
    faulty.state.isDown = false;
    time = 299_999;
    expect(isSame(await pass(), sound)).toBe(true);
    expect(store.work).toHaveLength(1);
    time = 300_000;
    expect(isSame(await pass(), sound)).toBe(true);
    expect(store.work).toHaveLength(2);
    await untilStored(1);
  });
});
