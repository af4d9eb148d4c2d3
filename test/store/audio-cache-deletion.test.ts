/** No stored audio outlives its recording, whatever is in flight during the deletion. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTombstones } from '../../src/audio/cache/tombstones.ts';
import { createSound, getBytes, isSame } from '../support/audio-cases.ts';
import {
  type Call,
  clearStore,
  createSlowSound,
  envelope,
  type Keys,
  notFound,
  startStoreGateway,
  store,
  storedAudio,
  untilStored,
} from '../support/store-gateway.ts';
import { stored, wrapStore } from '../support/test-store.ts';

const sid = '0907065723240097';
const path = `/recordings/${sid}/audio`;
const sound = createSound(100_000);

beforeEach(clearStore);
afterEach(clearStore);

/** One audio of the recording during its deletion: not requested, stored, or in flight. */
interface Form {
  readonly rate: number;
  readonly state: 'none' | 'stored' | 'passing';
}

const form: fc.Arbitrary<Form> = fc.record({
  rate: fc.constantFrom(8000, 11_025, 22_050, 44_100),
  state: fc.constantFrom('none', 'stored', 'passing'),
});
const forms = fc.uniqueArray(form, {
  selector: ({ rate }) => rate,
  minLength: 1,
});

describe('DELETE', () => {
  test.each([true, false])(
    'removes stored and in-flight audio, declared: %s',
    async (declared) => {
      await fc.assert(
        fc.asyncProperty(forms, fc.constantFrom(0, 1), async (all, isolate) => {
          await clearStore();
          const [stored, passing] = [all, all].map((each, index) =>
            each.filter(({ state }) => state === (index === 0 ? 'stored' : 'passing')),
          ) as [Form[], Form[]];
          const slow = new Map(passing.map(({ rate }) => [String(rate), createSlowSound(sound, declared)]));
          let current: Uint8Array<ArrayBuffer> | null = sound;
          const options = {
            declared,
            sound: () => current,
            answer: ({ rate }: Call) => (current ? slow.get(rate)?.response : undefined),
          };
          // Two, as in two isolates, which share only the store.
          const gateways = [await startStoreGateway(options), await startStoreGateway(options)] as const;
          const get = ({ rate }: Form, gateway = gateways[0]) => gateway.get(`${path}?sample_rate=${rate}`);

          for (const each of stored) await getBytes(await get(each));
          await untilStored(stored.length);
          const begun = await Promise.all(passing.map((each) => get(each)));

          current = null;
          const deletion = await gateways[isolate].get(`/recordings/${sid}`, { method: 'DELETE' });
          expect(deletion.status).toBe(204);
          expect(await storedAudio()).toEqual([]);

          for (const { end } of slow.values()) end('go on');
          for (const response of begun) expect(isSame(await getBytes(response), sound)).toBe(true);
          // Time for late writes.
          for (let round = 0; round < 3; round += 1) {
            for (const gateway of gateways) {
              for (const each of all) expect((await get(each, gateway)).status).toBe(404);
            }
          }
          await untilStored(0);
        }),
        { numRuns: 25 },
      );
    },
    60_000,
  );

  test('that is deferred by the legacy service prevents new writes of audio that it still serves', async () => {
    const gateway = await startStoreGateway({ declared: true, sound: () => sound });
    await getBytes(await gateway.get(path));
    await untilStored(1);
    const deletion = await gateway.get(`/recordings/${sid}?delete_now=false`, { method: 'DELETE' });
    expect(deletion.status).toBe(202);
    expect(await storedAudio()).toEqual([]);
    for (const calls of [3, 4]) {
      expect(isSame(await getBytes(await gateway.get(path)), sound)).toBe(true);
      expect(gateway.calls).toHaveLength(calls);
    }
    expect(await storedAudio()).toEqual([]);
  });

  test.each([
    ['that finds nothing', 404, envelope(404, 'failed', 'File not found'), 0],
    ['with an unknown outcome', 502, new Response('<html>', { status: 500 }), 0],
    ['that failed at the legacy service', 502, envelope(404, 'failed', 'Error in removing recording'), 0],
    ['with keys that it does not know', 401, envelope(401, 'failed', 'Invalid api_key'), 1],
    [
      'that comes too early',
      409,
      envelope(202, 'failed', 'The requested recording is currently being processed by the system.'),
      1,
    ],
  ])('%s is a %i and leaves no audio that it may have removed', async (_how, status, answer, left) => {
    const gateway = await startStoreGateway({
      declared: true,
      sound: () => sound,
      answer: ({ action }) =>
        (action === 'recording.remove' ? answer.clone() : undefined) as Response | undefined,
    });
    await getBytes(await gateway.get(path));
    await untilStored(1);
    expect((await gateway.get(`/recordings/${sid}`, { method: 'DELETE' })).status).toBe(status);
    expect(await storedAudio()).toHaveLength(left);
  });

  test('of one recording leaves another whose sid has the same prefix', async () => {
    const gateway = await startStoreGateway({ declared: true, sound: () => sound });
    await getBytes(await gateway.get(path));
    await getBytes(await gateway.get('/recordings/09070657232400970/audio'));
    await untilStored(2);
    await gateway.get(`/recordings/${sid}`, { method: 'DELETE' });
    expect(await storedAudio()).toEqual([expect.stringMatching('^audio/[0-9a-f]{32}/09070657232400970/')]);
  });

  test('succeeds for each of several concurrent requests', async () => {
    const options = { declared: true, sound: () => sound };
    const gateways = [await startStoreGateway(options), await startStoreGateway(options)];
    const deletions = Array.from({ length: 8 }, (_, index) =>
      gateways[index % 2]?.get(`/recordings/${sid}`, { method: 'DELETE' }),
    );
    for (const deletion of deletions) expect((await deletion)?.status).toBe(204);
  });

  test('is a 503 if the store fails, and may be repeated', async () => {
    let isDown = true;
    const failing = wrapStore(({ step, run }) =>
      isDown && step === 'list' ? Promise.reject(new Error('down')) : run(),
    );
    const gateway = await startStoreGateway({ store: failing, declared: true, sound: () => sound });
    const refused = await gateway.get(`/recordings/${sid}`, { method: 'DELETE' });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('Retry-After')).toBe('5');
    expect(await refused.json()).toMatchObject({ type: '/problems/store-unavailable' });
    isDown = false;
    expect((await gateway.get(`/recordings/${sid}`, { method: 'DELETE' })).status).toBe(204);
  });

  test('continues when its client disconnects', async () => {
    const client = new AbortController();
    const gateway = await startStoreGateway({
      declared: true,
      sound: () => sound,
      answer({ action }) {
        if (action === 'recording.remove') client.abort();
        return undefined;
      },
    });
    await getBytes(await gateway.get(path));
    await untilStored(1);
    await gateway.get(`/recordings/${sid}`, { method: 'DELETE', signal: client.signal }).catch(() => {});
    await untilStored(0);
  });
});

describe('a caller of another account', () => {
  const stranger: Keys = { access: 'stranger', secret: 'of another account' };

  test.each([
    ['learns that there is no such recording', 404, notFound()],
    ['learns that the recording is deleted', 204, undefined],
    ['gets no clear response', 502, new Response('<html>', { status: 500 })],
  ])(
    "that %s (%i) leaves the owner's stored audio served, and new audio stored",
    async (_, status, removal) => {
      const gateway = await startStoreGateway({
        declared: true,
        sound: () => sound,
        answer: ({ action }) => (action === 'recording.remove' ? removal?.clone() : undefined),
      });
      await getBytes(await gateway.get(path));
      await untilStored(1);
      const before = await storedAudio();
      const deletion = await gateway.get(`/recordings/${sid}`, { method: 'DELETE', keys: stranger });
      expect(deletion.status).toBe(status);
      expect(await storedAudio()).toEqual(before);

      const calls = gateway.calls.length;
      const again = await gateway.get(path);
      expect(again.headers.get('ETag')).toMatch(/^"/);
      expect(isSame(await getBytes(again), sound)).toBe(true);
      expect(gateway.calls).toHaveLength(calls);
      await getBytes(await gateway.get(`${path}?sample_rate=22050`));
      await untilStored(2);
    },
  );

  test('writes nothing by deleting recordings that do not exist', async () => {
    const gateway = await startStoreGateway({
      declared: true,
      sound: () => sound,
      answer: ({ action }) => (action === 'recording.remove' ? notFound() : undefined),
    });
    for (let number = 0; number < 200; number += 1) {
      const deletion = await gateway.get(`/recordings/${number}`, { method: 'DELETE', keys: stranger });
      expect(deletion.status).toBe(404);
    }
    expect(await stored()).toEqual([]);
  });
});

test.each(['passing', 'stored'] as const)(
  'a deletion of a missing recording stops serving audio that is %s',
  async (state) => {
    const slow = createSlowSound(sound, true);
    let isThere = true;
    const gateway = await startStoreGateway({
      declared: true,
      sound: () => (isThere ? sound : null),
      answer: ({ action }) => {
        if (action === 'recording.remove') return notFound();
        return isThere && state === 'passing' ? slow.response : undefined;
      },
    });
    const response = await gateway.get(path);
    if (state === 'stored') {
      await getBytes(response);
      await untilStored(1);
    }
    isThere = false;
    expect((await gateway.get(`/recordings/${sid}`, { method: 'DELETE' })).status).toBe(404);
    slow.end('go on');
    if (state === 'passing') expect(isSame(await getBytes(response), sound)).toBe(true);
    await untilStored(0);
    expect((await gateway.get(path)).status).toBe(404);
    expect(await stored('tombstones/')).toEqual([expect.stringMatching(/^tombstones\/[0-9a-f]{32}\/\d+$/)]);
  },
);

test('a tombstone that the store rejected is written when the deletion is repeated and finds nothing', async () => {
  let isDown = true;
  let isThere = true;
  const failing = wrapStore(({ step, run }) =>
    isDown && step === 'put' ? Promise.reject(new Error('down')) : run(),
  );
  const gateway = await startStoreGateway({
    store: failing,
    declared: true,
    sound: () => (isThere ? sound : null),
    answer: ({ action }) => (action === 'recording.remove' && !isThere ? notFound() : undefined),
  });
  expect((await gateway.get(`/recordings/${sid}`, { method: 'DELETE' })).status).toBe(503);
  isDown = false;
  isThere = false;
  expect((await gateway.get(`/recordings/${sid}`, { method: 'DELETE' })).status).toBe(404);
  expect(await stored('tombstones/')).toHaveLength(1);
});

test('a final tombstone stays final under concurrent bumps', async () => {
  const recording = { accountId: 'a'.repeat(32), sid };
  const tombstones = createTombstones(store);
  let isFirst = true;
  const slow = wrapStore(async ({ step, run }) => {
    if (step === 'put' && isFirst) {
      isFirst = false;
      await tombstones.bump(recording, true);
    }
    return run();
  });
  await createTombstones(slow).bump(recording, false);
  expect(await tombstones.read(recording)).toMatchObject({ final: true });
});
