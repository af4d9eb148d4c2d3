/** The audio cache: which audio is stored, which responses it serves, and under which conditions. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  answerSound,
  createSound,
  getBytes,
  isSame,
  rangeText,
  soundLength,
  toExpected,
} from '../support/audio-cases.ts';
import { clearStore, startStoreGateway, store, storedAudio, untilStored } from '../support/store-gateway.ts';

const path = '/recordings/0907065723240097/audio';
const sound = createSound(200_000);

beforeEach(clearStore);
afterEach(clearStore);

describe.each([true, false])('audio with a length from the legacy service: %s', (declared) => {
  test('comes from the store once it was streamed, whole and by any range, without a call', async () => {
    let current = sound;
    const gateway = await startStoreGateway({ declared, sound: () => current });
    await fc.assert(
      fc.asyncProperty(
        fc.uuid(),
        soundLength,
        fc.array(rangeText, { minLength: 1, maxLength: 6 }),
        async (sid, length, ranges) => {
          current = createSound(length);
          const before = (await storedAudio()).length;
          const calls = gateway.calls.length + 1;
          const first = await gateway.get(`/recordings/${sid}/audio`);
          expect(first.headers.get('ETag')).toBeNull();
          expect(isSame(await getBytes(first), current)).toBe(true);
          await untilStored(before + 1);

          const whole = await gateway.get(`/recordings/${sid}/audio`);
          expect(isSame(await getBytes(whole), current)).toBe(true);
          expect(whole.headers.get('Content-Length')).toBe(String(length));
          for (const Range of ranges) {
            const { status, start, end } = toExpected(Range, length);
            const part = await gateway.get(`/recordings/${sid}/audio`, { headers: { Range } });
            expect(part.status).toBe(status);
            const bytes = await getBytes(part);
            if (status === 416) expect(part.headers.get('Content-Range')).toBe(`bytes */${length}`);
            else expect(isSame(bytes, current.slice(start, end))).toBe(true);
            if (status !== 206) continue;
            expect(part.headers.get('Content-Range')).toBe(`bytes ${start}-${end - 1}/${length}`);
            expect(part.headers.get('ETag')).toBe(whole.headers.get('ETag'));
          }
          expect(gateway.calls).toHaveLength(calls);
        },
      ),
      { numRuns: 20 },
    );
  }, 60_000);

  test('of many megabytes is stored whole', async () => {
    const long = new Uint8Array(12_000_000 + 17);
    for (let at = 0; at < long.length; at += sound.length) {
      long.set(sound.subarray(0, long.length - at), at);
      long[at + 20] = at / sound.length;
    }
    const gateway = await startStoreGateway({ declared, sound: () => long });
    expect(isSame(await getBytes(await gateway.get(path)), long)).toBe(true);
    await untilStored(1);
    expect(isSame(await getBytes(await gateway.get(path)), long)).toBe(true);
    expect(gateway.calls).toHaveLength(1);
  }, 30_000);
});

describe('stored audio', () => {
  test('has its metadata', async () => {
    const gateway = await startStoreGateway({ declared: true, sound: () => sound });
    await getBytes(await gateway.get(`${path}?sample_rate=22050`));
    await untilStored(1);
    const [key = ''] = await storedAudio();
    expect(key).toMatch(/^audio\/[0-9a-f]{32}\/0907065723240097\/wav-22050$/);
    const object = await store.head(key);
    expect(object?.sizeBytes).toBe(sound.length);
    expect(object?.contentType).toBe('audio/wav');
    expect(object?.metadata).toMatchObject({ format: 'wav', 'sample-rate': '22050' });
  });

  test('has a strong tag and may be stored by its client', async () => {
    const { get, tag } = await startFull();
    const response = await get();
    expect(tag).toMatch(/^"[^"]+"$/);
    expect(response.headers.get('Cache-Control')).toBe('private, no-cache');
    expect(response.headers.get('Accept-Ranges')).toBe('bytes');
    expect(response.headers.get('Last-Modified')).toMatch(/GMT$/);
    expect(response.headers.get('Vary')).toContain('Accept');
    await response.body?.cancel();
  });

  test.each([
    ['a range under its own tag', { Range: 'bytes=5-9', 'If-Range': 'TAG' }, 206],
    ['a range under another tag', { Range: 'bytes=5-9', 'If-Range': '"other"' }, 200],
    ['a range under its tag made weak', { Range: 'bytes=5-9', 'If-Range': 'W/TAG' }, 200],
    ['a range under its date', { Range: 'bytes=5-9', 'If-Range': 'DATE' }, 206],
    ['a current tag', { 'If-None-Match': 'TAG' }, 304],
    ['a current tag, weak', { 'If-None-Match': 'W/TAG' }, 304],
    ['a current tag, despite a range', { 'If-None-Match': 'TAG', Range: 'bytes=5-9' }, 304],
    ['an outdated tag', { 'If-None-Match': '"other"' }, 200],
    ['an unchanged date', { 'If-Modified-Since': 'DATE' }, 304],
    ['an outdated tag, despite the date', { 'If-None-Match': '"x"', 'If-Modified-Since': 'DATE' }, 200],
    ['If-Match with another tag', { 'If-Match': '"other"' }, 412],
    ['If-Match with the current tag', { 'If-Match': 'TAG' }, 200],
    ['If-Match with *', { 'If-Match': '*' }, 200],
    ['If-Unmodified-Since with an old date', { 'If-Unmodified-Since': 'Sun, 06 Nov 1994 08:49:37 GMT' }, 412],
    [
      'If-Match with the current tag, despite the date',
      { 'If-Match': 'TAG', 'If-Unmodified-Since': 'Sun, 06 Nov 1994 08:49:37 GMT' },
      200,
    ],
    ['a range past the end', { Range: 'bytes=200000-' }, 416],
    ['a range past the end, under another tag', { Range: 'bytes=200000-', 'If-Range': '"other"' }, 200],
  ] as const)('responds to %s', async (_what, conditions, status) => {
    const { get, tag, date, calls } = await startFull();
    const headers = Object.entries(conditions).map(([name, value]) => [
      name,
      value.replace('TAG', tag).replace('DATE', date),
    ]);
    for (const method of ['GET', 'HEAD']) {
      const response = await get({ method, headers: Object.fromEntries(headers) });
      const isRange = status === 206 || status === 416;
      expect(response.status).toBe(method === 'HEAD' && isRange ? 200 : status);
      const bytes = await getBytes(response);
      if (status === 304) {
        expect(bytes).toHaveLength(0);
        expect(response.headers.get('ETag')).toBe(tag);
        expect(response.headers.get('Cache-Control')).toBe('private, no-cache');
        expect(response.headers.get('Vary')).toContain('Accept');
      }
      if (method === 'HEAD') expect(bytes).toHaveLength(0);
      else if (status === 206) expect(isSame(bytes, sound.slice(5, 10))).toBe(true);
      else if (status === 200) expect(isSame(bytes, sound)).toBe(true);
      else if (status !== 304) expect(response.headers.get('Content-Type')).toBe('application/problem+json');
    }
    expect(calls).toHaveLength(1);
  });

  test('is described by HEAD', async () => {
    const { get, tag } = await startFull();
    const response = await get({ method: 'HEAD', headers: { Range: 'bytes=0-1' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Length')).toBe(String(sound.length));
    expect(response.headers.get('ETag')).toBe(tag);
  });

  test('is separate for each format and rate', async () => {
    const gateway = await startStoreGateway({
      declared: true,
      sound: ({ rate }) => createSound(Number(rate)),
    });
    for (const rate of [8000, 11_025]) await getBytes(await gateway.get(`${path}?sample_rate=${rate}`));
    await untilStored(2);
    for (const rate of [8000, 11_025]) {
      expect(await getBytes(await gateway.get(`${path}?sample_rate=${rate}`))).toHaveLength(rate);
    }
    expect(gateway.calls).toHaveLength(2);
  });
});

describe('a jump into audio that is not stored', () => {
  test('stores the whole in the background', async () => {
    const gateway = await startStoreGateway({ declared: true, sound: () => sound });
    expect(await getBytes(await gateway.get(path, { headers: { Range: 'bytes=150000-' } }))).toHaveLength(
      50_000,
    );
    await untilStored(1);
    const calls = gateway.calls.length;
    const part = await gateway.get(path, { headers: { Range: 'bytes=-1000' } });
    expect(part.headers.get('ETag')).toMatch(/^"/);
    expect(isSame(await getBytes(part), sound.slice(-1000))).toBe(true);
    expect(isSame(await getBytes(await gateway.get(path)), sound)).toBe(true);
    expect(gateway.calls).toHaveLength(calls);
  });

  test('fetches only the range if the legacy service cuts ranges itself', async () => {
    const cut = () =>
      new Response(sound.slice(-1000), {
        status: 206,
        headers: { 'Content-Range': 'bytes 199000-199999/200000' },
      });
    const gateway = await startStoreGateway({ declared: true, sound: () => sound, cut });
    const part = await gateway.get(path, { headers: { Range: 'bytes=-1000' } });
    expect(isSame(await getBytes(part), sound.slice(-1000))).toBe(true);
    expect(gateway.calls).toHaveLength(1);
    expect(await storedAudio()).toEqual([]);
  });

  test('past the end stores nothing', async () => {
    const gateway = await startStoreGateway({ declared: true, sound: () => sound });
    expect(await getBytes(await gateway.get(path, { headers: { Range: 'bytes=0-99' } }))).toHaveLength(100);
    expect(gateway.calls).toHaveLength(1);
    expect(await storedAudio()).toEqual([]);
  });

  test('stores it once for concurrent requests', async () => {
    const gateway = await startStoreGateway({ declared: true, sound: () => sound });
    const asked = Array.from({ length: 5 }, () => gateway.get(path, { headers: { Range: 'bytes=150000-' } }));
    for (const part of asked) expect(await getBytes(await part)).toHaveLength(50_000);
    await untilStored(1);
    expect(gateway.calls.filter(({ request }) => !request.headers.has('range'))).toHaveLength(1);
  });

  test('does not store it again for a request that looked up before the audio was stored', async () => {
    const late = Promise.withResolvers<void>();
    const gateway = await startStoreGateway({
      declared: true,
      sound: () => sound,
      answer: ({ request }) =>
        request.headers.get('range') === 'bytes=160000-'
          ? late.promise.then(() => answerSound(request, sound, { declared: true }))
          : undefined,
    });
    // Verified keys do not wait for another request's verification.
    await gateway.get(path, { method: 'HEAD' });
    const asked = gateway.get(path, { headers: { Range: 'bytes=160000-' } });
    await expect.poll(() => gateway.calls.length).toBe(2);
    await getBytes(await gateway.get(path));
    await untilStored(1);
    late.resolve();
    expect(await getBytes(await asked)).toHaveLength(40_000);
    expect(isSame(await getBytes(await gateway.get(path)), sound)).toBe(true);
    expect(gateway.calls).toHaveLength(3);
  });
});

/** With the audio in the store. */
async function startFull() {
  const gateway = await startStoreGateway({ declared: true, sound: () => sound });
  await getBytes(await gateway.get(path));
  await untilStored(1);
  const { headers } = await gateway.get(path, { method: 'HEAD' });
  return {
    get: (init: Parameters<typeof gateway.get>[1] = {}) => gateway.get(path, init),
    calls: gateway.calls,
    tag: headers.get('ETag') ?? '',
    date: headers.get('Last-Modified') ?? '',
  };
}
