/** One `Idempotency-Key`, one upload: for concurrent and later requests, and after failures in between. */
import { afterEach, describe, expect, test } from 'vitest';
import type { ObjectStore } from '../../src/store/object-store.ts';
import { createIdempotencyStore } from '../../src/uploads/idempotency-store.ts';
import { createAudio } from '../emulator/audio.ts';
import { basic } from '../support/harness.ts';
import { wrapStore } from '../support/test-store.ts';
import {
  clearStore,
  startUploadGateway,
  store,
  stored,
  timeoutsUnder,
  type UploadGateway,
  uploadCalls,
} from '../support/upload-gateway.ts';

afterEach(clearStore);

const wav = createAudio('wav', { seed: 'once', rate: 8000, seconds: 1 }).slice();
const other = createAudio('wav', { seed: 'other', rate: 8000, seconds: 1 }).slice();
const key = '"8e03978e-40d5-43dd-bc93-6894a57f9324"';

interface Attempt {
  readonly key?: string;
  readonly account?: string;
  readonly authorization?: string;
  /** Different content from the rest. */
  readonly isOther?: boolean;
  readonly id?: number;
}

const operations = {
  createUpload: (gateway: UploadGateway, attempt: Attempt) =>
    gateway.fetch('/uploads', {
      method: 'POST',
      headers: {
        ...basic(gateway.emulator, attempt.account),
        'Content-Type': 'application/json',
        'Idempotency-Key': attempt.key ?? key,
        ...(attempt.authorization && { Authorization: attempt.authorization }),
      },
      body: JSON.stringify({
        type: 'findme',
        id: attempt.id ?? 1234,
        path: attempt.isOther ? '/other.wav' : '/a.wav',
      }),
    }),
  uploadAudio: (gateway: UploadGateway, attempt: Attempt) =>
    gateway.upload(attempt.isOther ? other : wav, {
      query: `type=findme&id=${attempt.id ?? 1234}`,
      headers: {
        ...basic(gateway.emulator, attempt.account),
        'Idempotency-Key': attempt.key ?? key,
        ...(attempt.authorization && { Authorization: attempt.authorization }),
      },
    }),
};

const readBody = (response: Response): Promise<{ readonly type?: string }> => response.json();

describe.each(['createUpload', 'uploadAudio'] as const)('%s', (operation) => {
  const send = (gateway: UploadGateway, attempt: Attempt = {}) => operations[operation](gateway, attempt);
  const staged = operation === 'uploadAudio' ? 1 : 0;

  test('fifty concurrent requests make one upload', async () => {
    const gateway = await startUploadGateway();
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(gateway)));
    const bodies = await Promise.all(
      answers.map(async (answer) => ({ status: answer.status, ...(await readBody(answer)) })),
    );
    const taken = bodies.filter(({ status }) => status === 201);
    const waiting = bodies.filter(({ status }) => status === 409);
    expect(bodies.map(({ status }) => status)).toContain(201);
    expect(taken.length + waiting.length).toBe(50);
    for (const body of taken) expect(body).toEqual(taken[0]);
    for (const body of waiting) expect(body.type).toBe('/problems/idempotency-key-in-use');
    expect(uploadCalls(gateway)).toHaveLength(1);
    expect(await stored()).toHaveLength(staged);
    const later = await send(gateway);
    expect({ status: later.status, ...(await readBody(later)) }).toEqual(taken[0]);
    expect(uploadCalls(gateway)).toHaveLength(1);
    expect(await stored()).toHaveLength(staged);
  });

  test('the first outcome is replayed on another Worker and for a bare key', async () => {
    const first = await startUploadGateway();
    const second = await startUploadGateway();
    const answer = await send(first);
    const again = await send(second, { key: key.replaceAll('"', '') });
    expect(again.status).toBe(201);
    expect(await again.json()).toEqual(await answer.json());
    expect(uploadCalls(second)).toHaveLength(0);
    expect(await stored()).toHaveLength(staged);
  });

  test.each([
    ['other content', { isOther: true }],
    ['another id', { id: 77 }],
  ])('%s under the key is a 422', async (_title, attempt) => {
    const gateway = await startUploadGateway();
    await send(gateway);
    const answer = await send(gateway, attempt);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ type: '/problems/idempotency-key-reused' });
    expect(uploadCalls(gateway)).toHaveLength(1);
    expect(await stored()).toHaveLength(staged);
  });

  test('concurrent different content is one upload and one rejection', async () => {
    const gateway = await startUploadGateway();
    const attempts = [{}, { isOther: true }];
    const statuses = await Promise.all(
      attempts.map(async (attempt) => (await send(gateway, attempt)).status),
    );
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    const refused = statuses.findIndex((status) => status !== 201);
    // While the first call is in flight, the second body is not read, so a difference cannot be seen.
    expect(operation === 'uploadAudio' ? [409, 422] : [422]).toContain(statuses[refused]);
    expect((await send(gateway, attempts[refused])).status).toBe(422);
    expect(uploadCalls(gateway)).toHaveLength(1);
  });

  test('another key and another account are separate uploads', async () => {
    const gateway = await startUploadGateway();
    for (const attempt of [{}, { key: '"another"' }, { account: 'north' }]) {
      expect((await send(gateway, attempt)).status).toBe(201);
    }
    expect(uploadCalls(gateway)).toHaveLength(3);
  });

  test.each([
    // A rejection is an outcome.
    { fault: 'failed-without-status', first: 400, again: 400, calls: 1 },
    // A retry could upload twice.
    { fault: 'reset-after-work', first: 502, again: 502, calls: 1 },
    { fault: 'html-page', first: 502, again: 502, calls: 1 },
    { fault: 'stall-before-answer', first: 504, again: 504, calls: 1 },
    // Nothing was done, and a later retry may succeed.
    { fault: 'rate-limited', first: 429, again: 201, calls: 2 },
    { fault: 'unavailable', first: 503, again: 201, calls: 2 },
  ] as const)('after $fault: $first, then $again', async ({ fault, first, again, calls }) => {
    const gateway = await startUploadGateway(timeoutsUnder(fault));
    gateway.emulator.fault({ name: fault, action: 'recording.upload', times: 1 });
    expect((await send(gateway)).status).toBe(first);
    expect((await send(gateway)).status).toBe(again);
    expect(uploadCalls(gateway)).toHaveLength(calls);
  });

  test('keys that the legacy service rejects leave nothing', async () => {
    const gateway = await startUploadGateway();
    const answer = await send(gateway, { authorization: `Basic ${btoa('foo:bar')}` });
    expect(answer.status).toBe(401);
    expect(await stored('')).toEqual([]);
  });

  test.each(['""', 'a b', '"a", "b"', `"${'x'.repeat(256)}"`])(
    '%s is rejected as a key',
    async (malformed) => {
      const gateway = await startUploadGateway();
      const answer = await send(gateway, { key: malformed });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ errors: [{ parameter: 'Idempotency-Key' }] });
      expect(uploadCalls(gateway)).toHaveLength(0);
      expect(await stored('')).toEqual([]);
    },
  );
});

test('the outcome is unknown if the gateway was stopped midway, and waiting does not reveal it', async () => {
  const gateway = await startUploadGateway();
  await operations.createUpload(gateway, {});
  const names = await stored('idempotency/');
  const [call = '', answer = ''] = names.toSorted(
    (a, b) => Number(b.endsWith('/call')) - Number(a.endsWith('/call')),
  );
  const record: object = await new Response((await store.get(call))?.body).json();
  await store.put(call, JSON.stringify({ ...record, at: Date.now() - 60 * 60 * 1000 }));
  await store.delete([answer]);
  const response = await operations.createUpload(gateway, {});
  expect(response.status).toBe(409);
  expect(response.headers.has('Retry-After')).toBe(false);
  expect(await response.json()).toMatchObject({ type: '/problems/upload-outcome-unknown' });
  expect(uploadCalls(gateway)).toHaveLength(1);
});

test('one key on both operations is two keys', async () => {
  const gateway = await startUploadGateway();
  expect((await operations.createUpload(gateway, {})).status).toBe(201);
  expect((await operations.uploadAudio(gateway, {})).status).toBe(201);
});

test('the store holds no key, path or account in clear text', async () => {
  const gateway = await startUploadGateway();
  await operations.createUpload(gateway, { key: '"a-key-of-ours"' });
  const names = await stored('idempotency/');
  expect(names).toHaveLength(2);
  for (const name of names) {
    expect(name).toMatch(/^idempotency\/[0-9a-f]{32}\//);
    const content = name + (await new Response((await store.get(name))?.body).text());
    expect(content).not.toMatch(/a-key-of-ours|a\.wav|foo/);
  }
});

describe('first outcomes', () => {
  const day = 24 * 60 * 60 * 1000;

  function at(start: number, target: ObjectStore = store) {
    const clock = { now: start };
    const waits: number[] = [];
    const answers = createIdempotencyStore({
      store: target,
      lostAfterMs: 35_000,
      now: () => clock.now,
      wait: async (duration) => {
        waits.push(duration);
      },
    });
    return { answers, clock, waits };
  }

  async function begin({ answers }: ReturnType<typeof at>) {
    const begun = await answers.begin('id', 'print');
    if (!('complete' in begun)) throw new Error(`not begun: ${JSON.stringify(begun)}`);
    return begun;
  }

  test('a call without an outcome is running, and lost after its time; it is never repeated', async () => {
    const { answers, clock } = at(0);
    await begin({ answers } as ReturnType<typeof at>);
    clock.now = 34_999;
    expect(await answers.find('id')).toEqual({ fingerprint: 'print', state: 'running' });
    clock.now = 35_000;
    expect(await answers.begin('id', 'print')).toEqual({ fingerprint: 'print', state: 'lost' });
  });

  test('an outcome is kept for a day, then one request gets the key', async () => {
    const world = at(0);
    await (await begin(world)).complete({ outcome: null, mayHaveSucceeded: false });
    world.clock.now = day - 1;
    expect(await world.answers.find('id')).toEqual({ fingerprint: 'print', state: { outcome: null } });
    world.clock.now = day;
    expect(await world.answers.find('id')).toBeNull();
    const all = await Promise.all(Array.from({ length: 10 }, () => world.answers.begin('id', 'new')));
    expect(all.filter((one) => 'complete' in one)).toHaveLength(1);
    expect(await world.answers.find('id')).toEqual({ fingerprint: 'new', state: 'running' });
  });

  test('an unconfirmed write belongs to its writer', async () => {
    await begin(at(0, failing('put', { after: true })));
    expect(await at(0).answers.begin('id', 'print')).toMatchObject({ state: 'running' });
  });

  test('a write that failed without another’s record fails', async () => {
    await expect(at(0, failing('put', { after: false })).answers.begin('id', 'print')).rejects.toMatchObject({
      failure: { kind: 'upload-not-stored' },
    });
  });

  test('a store that cannot be read fails', async () => {
    await expect(at(0, failing('get', { after: false })).answers.find('id')).rejects.toMatchObject({
      failure: { kind: 'upload-not-stored' },
    });
  });

  test('a store that rejects concurrent writes admits one, and shows the others its record', async () => {
    const writing = new Set<unknown>();
    const oneAtATime = wrapPut(async (put, name) => {
      if (writing.has(name))
        throw new Error('put: Reduce your concurrent request rate for the same object. (10058)');
      writing.add(name);
      return await put();
    });
    const { answers, waits } = at(0, oneAtATime);
    const all = await Promise.all(Array.from({ length: 10 }, () => answers.begin('id', 'print')));
    expect(all.filter((one) => 'complete' in one)).toHaveLength(1);
    expect(all.filter((one) => 'state' in one && one.state === 'running')).toHaveLength(9);
    expect(waits).not.toHaveLength(0);
  });

  test('an outcome is written again after a store failure, and given up in the end', async () => {
    const once = at(0, failing('put', { after: false, on: 2 }));
    await (await begin(once)).complete({ outcome: null, mayHaveSucceeded: false });
    expect(once.waits).toEqual([500]);
    expect(await once.answers.find('id')).toMatchObject({ state: { outcome: null } });

    await clearStore();
    let isDown = false;
    const never = at(
      0,
      wrapPut(async (put) => (isDown ? Promise.reject(new Error('put: (10001)')) : await put())),
    );
    const begun = await begin(never);
    isDown = true;
    await begun.complete({ outcome: null, mayHaveSucceeded: false });
    expect(never.waits).toEqual([500, 1000]);
    expect(await never.answers.find('id')).toMatchObject({ state: 'running' });
  });

  test('a failed removal of a call is not repeated', async () => {
    const world = at(0, failing('delete', { after: false }));
    await (await begin(world)).complete({
      outcome: { kind: 'rate-limited', retryAfter: null },
      mayHaveSucceeded: false,
    });
    expect(world.waits).toEqual([]);
    expect(await world.answers.find('id')).toMatchObject({ state: 'running' });
  });
});

/** The store, with a step that fails before or after its work: each time, or the n-th. */
function failing(
  broken: 'get' | 'put' | 'delete',
  { after, on }: { after: boolean; on?: number },
): ObjectStore {
  let count = 0;
  return wrapStore(async ({ step, run }) => {
    if (step !== broken) return await run();
    count += 1;
    const fails = on === undefined || on === count;
    if (fails && !after) throw new Error(`${step}: failed (10001)`);
    const result = await run();
    if (fails) throw new Error(`${step}: failed (10001)`);
    return result;
  });
}

function wrapPut(around: (put: () => Promise<unknown>, name: unknown) => Promise<unknown>): ObjectStore {
  return wrapStore(({ step, args, run }) => (step === 'put' ? around(run, args[0]) : run()));
}
