/** Stored audio is served to its own account only, and only while the legacy service knows its keys. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createVerifiedAccounts } from '../../src/auth/verified-accounts.ts';
import { LegacyError } from '../../src/legacy/failure.ts';
import { createSound, getBytes, isSame } from '../support/audio-cases.ts';
import { isWorkerd } from '../support/runtime.ts';
import {
  type Call,
  clearStore,
  envelope,
  type Keys,
  owner,
  startStoreGateway,
  storedAudio,
  untilStored,
} from '../support/store-gateway.ts';
import { wrapStore } from '../support/test-store.ts';

const path = '/recordings/0907065723240097/audio';
const stranger: Keys = { access: 'stranger', secret: 'of another account' };

beforeEach(clearStore);
afterEach(clearStore);

/** Unique to the account after the first twelve bytes. */
function soundOf({ access, rate }: Pick<Call, 'access' | 'rate'>): Uint8Array<ArrayBuffer> {
  const sound = createSound(600);
  return sound.fill((access === owner.access ? 64 : 128) + (Number(rate) % 7), 12);
}

/** The keys of objects decide, and every store has the same: ten thousand on one of them are enough. */
const requests = isWorkerd ? 10_000 : 1000;

test(`two accounts never share a stored byte, in ${requests} interleaved requests`, async () => {
  const options = { declared: true, sound: soundOf };
  const gateways = [await startStoreGateway(options), await startStoreGateway(options)] as const;
  const request = fc.record({
    keys: fc.constantFrom(owner, stranger),
    rate: fc.integer({ min: 8000, max: 8006 }),
    isolate: fc.constantFrom(0, 1),
    range: fc.option(fc.tuple(fc.nat(599), fc.nat(599))),
  });
  type Request = typeof request extends fc.Arbitrary<infer Value> ? Value : never;

  async function ask({ keys, rate, isolate, range }: Request): Promise<boolean> {
    const [first, last] = range ? [Math.min(...range), Math.max(...range)] : [0, 599];
    const headers = range ? { Range: `bytes=${first}-${last}` } : {};
    const response = await gateways[isolate].get(`${path}?sample_rate=${rate}`, { keys, headers });
    const bytes = await getBytes(response);
    const expected = soundOf({ access: keys.access, rate: String(rate) }).slice(first, last + 1);
    return response.status === (range ? 206 : 200) && isSame(bytes, expected);
  }

  let wrong = 0;
  for (let asked = 0; asked < requests; asked += 100) {
    const answers = await Promise.all(fc.sample(request, 100).map(ask));
    wrong += answers.filter((isRight) => !isRight).length;
  }
  expect(wrong).toBe(0);
  await untilStored(14);
  // Nearly all of it came from the store.
  expect(gateways[0].calls.length + gateways[1].calls.length).toBeLessThan(0.3 * requests);
}, 300_000);

describe('keys', () => {
  test.each([
    ['300', 0],
    ['0', 1],
  ])('verified for %s seconds cost %i more calls for stored audio', async (lifetime, calls) => {
    const env = { AUDIO_STORE_CONFIRM_SECONDS: lifetime };
    const gateway = await startStoreGateway({ env, declared: true, sound: soundOf });
    await getBytes(await gateway.get(path));
    await untilStored(1);
    const response = await gateway.get(path, { headers: { Range: 'bytes=-5' } });
    expect(response.status).toBe(206);
    expect(await getBytes(response)).toHaveLength(5);
    expect(gateway.calls).toHaveLength(1 + calls);
    expect(gateway.calls.every(({ action }) => action === 'recording.download')).toBe(true);
  });

  test('that the legacy service rejects now get no stored audio', async () => {
    let isKnown = true;
    const gateway = await startStoreGateway({
      env: { AUDIO_STORE_CONFIRM_SECONDS: '0' },
      declared: true,
      sound: soundOf,
      answer: () => (isKnown ? undefined : envelope(401, 'failed', 'Invalid api_key')),
    });
    await getBytes(await gateway.get(path));
    await untilStored(1);
    isKnown = false;
    for (const method of ['GET', 'HEAD']) {
      expect((await gateway.get(path, { method })).status).toBe(401);
    }
  });

  test('that another request has just seen rejected get no stored audio', async () => {
    let isKnown = true;
    const gateway = await startStoreGateway({
      declared: true,
      sound: soundOf,
      answer: () => (isKnown ? undefined : envelope(401, 'failed', 'Invalid api_key')),
    });
    await getBytes(await gateway.get(path));
    await untilStored(1);
    isKnown = false;
    expect((await gateway.get('/recordings?type=findme&id=1')).status).toBe(401);
    expect((await gateway.get(path)).status).toBe(401);
  });

  test('with another secret get no stored audio', async () => {
    const gateway = await startStoreGateway({
      declared: true,
      sound: soundOf,
      answer: ({ secret }) =>
        secret === owner.secret ? undefined : envelope(401, 'failed', 'Invalid api_key'),
    });
    await getBytes(await gateway.get(path));
    await untilStored(1);
    expect((await gateway.get(path, { keys: { ...owner, secret: 'guessed' } })).status).toBe(401);
  });

  test('count as verified for their lifetime and no longer', async () => {
    let now = 0;
    let confirmed = 0;
    const confirm = async () => {
      confirmed += 1;
    };
    const verifiedAccounts = createVerifiedAccounts({ confirm, lifetime: 300, now: () => now });
    const credentials = { accessKey: 'a', secretAccessKey: 'a' };
    const by = (accountId: string) => ({
      caller: { accountId, subject: accountId, credentials },
      signal: new AbortController().signal,
    });
    for (const [time, calls] of [
      [0, 1],
      [299_999, 1],
      [300_000, 2],
    ] as const) {
      now = time;
      await verifiedAccounts.ensure(by('a'));
      expect(confirmed).toBe(calls);
    }
    await verifiedAccounts.ensure(by('b'));
    expect(confirmed).toBe(3);
    const refusing = createVerifiedAccounts({
      confirm: () => Promise.reject(new LegacyError({ kind: 'credentials-rejected' })),
      lifetime: 300,
    });
    await expect(refusing.ensure(by('a'))).rejects.toThrow('credentials-rejected');
    await expect(refusing.ensure(by('a'))).rejects.toThrow('credentials-rejected');
  });
});

describe('a failing store', () => {
  test.each(['head', 'get', 'writer.close'] as const)('at %s does not interrupt audio', async (broken) => {
    const failing = wrapStore(({ step, run }) =>
      step === broken ? Promise.reject(new Error('down')) : run(),
    );
    const gateway = await startStoreGateway({ store: failing, declared: true, sound: soundOf });
    for (let round = 0; round < 2; round += 1) {
      const bytes = await getBytes(await gateway.get(path));
      expect(isSame(bytes, soundOf({ access: owner.access, rate: '8000' }))).toBe(true);
    }
    // The body may reach its reader before the failing close does.
    await expect
      .poll(() => gateway.log)
      .toContainEqual({
        level: 'warn',
        event: 'audio-store-failed',
        time: expect.stringMatching(/Z$/),
        request_id: expect.stringMatching(/^[\da-f-]{36}$/),
        error: 'Error',
      });
    const lines = gateway.log.filter(({ event }) => event === 'request');
    const result = broken === 'writer.close' ? 'miss' : 'failed';
    expect(lines.map(({ store }) => store)).toContain(result);
    const ids = lines.map(({ request_id: id }) => id);
    const failed = gateway.log.filter(({ event }) => event === 'audio-store-failed');
    for (const { request_id: id } of failed) expect(ids).toContain(id);
    expect(await storedAudio()).toEqual([]);
  });
});
