/** Protection against a failing legacy service: retries, the breaker, bounded queues. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { createBulkhead } from '../../src/legacy/call/bulkhead.ts';
import { createCircuitBreaker } from '../../src/legacy/call/circuit-breaker.ts';
import { createRetry } from '../../src/legacy/call/retry.ts';
import { LegacyError, type LegacyFailure } from '../../src/legacy/failure.ts';
import { NotSentError } from '../../src/legacy/transport.ts';
import type { LegacyAction } from '../../src/legacy/wire.ts';
import { sids } from '../emulator/seeds.ts';
import { basic, startGateway } from '../support/harness.ts';

const list = '/recordings?type=findme&id=1234';
const never = new AbortController().signal;

const failing = (failure: LegacyFailure, options?: ErrorOptions) => async () => {
  throw new LegacyError(failure, options);
};
/** Only `vi.setSystemTime` moves the clock of the breaker. */
function freezeTime(): void {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
}

const unreachable = failing({ kind: 'unreachable' });

const call = { account: 'a', action: 'recording.list' } as const;
const owner = { account: 'a', subject: 'a' };

async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  return await work.catch((error: LegacyError) => error.failure);
}

test('the breaker opens at the fifth consecutive failure, and closes after its time by one success', async () => {
  let time = 0;
  const breaker = createCircuitBreaker({ now: () => time });
  for (let count = 0; count < 4; count++) await outcomeOf(breaker.run(call, unreachable));
  await breaker.run(call, async () => 'fine');
  for (let count = 0; count < 5; count++) {
    expect(breaker.state('a')).toBe('closed');
    await outcomeOf(breaker.run(call, unreachable));
  }
  time += 10_500;
  expect(() => breaker.check('a')).toThrow('unavailable');
  expect(await outcomeOf(breaker.run(call, async () => 'fine'))).toEqual({
    kind: 'unavailable',
    retryAfter: 20,
  });
  time += 19_500;
  expect(breaker.state('a')).toBe('half-open');
  const probe = Promise.withResolvers<string>();
  const probing = breaker.run(call, () => probe.promise);
  expect(await outcomeOf(breaker.run(call, async () => 'too early'))).toMatchObject({ kind: 'unavailable' });
  probe.resolve('fine');
  expect(await probing).toBe('fine');
  expect(breaker.state('a')).toBe('closed');
});

test('a failed probe keeps the breaker open; one whose client disconnected admits the next', async () => {
  let time = 0;
  const breaker = createCircuitBreaker({ now: () => time });
  for (let count = 0; count < 5; count++) await outcomeOf(breaker.run(call, unreachable));
  time += 30_000;
  await outcomeOf(breaker.run(call, unreachable));
  expect(breaker.state('a')).toBe('open');
  time += 30_000;
  await outcomeOf(breaker.run(call, failing({ kind: 'abandoned' })));
  expect(breaker.state('a')).toBe('half-open');
  // A probe that never ends, as on Workers, expires.
  void breaker.run(call, () => new Promise(() => {}));
  time += 30_000;
  expect(breaker.state('a')).toBe('half-open');
});

test.each<LegacyFailure>([
  { kind: 'credentials-rejected' },
  { kind: 'file-not-found' },
  { kind: 'rate-limited', retryAfter: null },
  { kind: 'failed', status: 403, description: null },
  { kind: 'invalid-response', status: 200, reason: 'no envelope' },
  { kind: 'abandoned' },
  { kind: 'overloaded' },
])('%o does not open the breaker', async (failure) => {
  const breaker = createCircuitBreaker();
  for (let count = 0; count < 50; count++) await outcomeOf(breaker.run(call, failing(failure)));
  expect(breaker.state('a')).toBe('closed');
});

const notSent = { cause: new NotSentError(false, {}) };

test.each<[LegacyAction, LegacyFailure, ErrorOptions | undefined, number]>([
  ['recording.list', { kind: 'unreachable' }, undefined, 2],
  ['recording.list', { kind: 'timeout' }, undefined, 1],
  ['recording.list', { kind: 'timeout' }, notSent, 2],
  ['recording.list', { kind: 'unavailable', retryAfter: null }, undefined, 2],
  ['recording.list', { kind: 'unavailable', retryAfter: 7 }, undefined, 1],
  ['recording.list', { kind: 'rate-limited', retryAfter: null }, undefined, 1],
  ['recording.download', { kind: 'invalid-response', status: 502, reason: '' }, undefined, 2],
  ['recording.download', { kind: 'invalid-response', status: 504, reason: '' }, undefined, 2],
  ['recording.download', { kind: 'invalid-response', status: 500, reason: '' }, undefined, 1],
  ['recording.download', { kind: 'invalid-response', status: 200, reason: '' }, undefined, 1],
  ['recording.download', { kind: 'credentials-rejected' }, undefined, 1],
  ['recording.remove', { kind: 'unreachable' }, undefined, 1],
  ['recording.remove', { kind: 'unavailable', retryAfter: null }, undefined, 1],
  ['recording.remove', { kind: 'unreachable' }, notSent, 2],
  ['recording.upload', { kind: 'unreachable' }, notSent, 1],
])('%s is attempted after %o (%o) as often as is safe: %i', async (action, failure, options, tries) => {
  let count = 0;
  const attempt = () => {
    count += 1;
    return failing(failure, options)();
  };
  await outcomeOf(createRetry({ random: () => 0 }).run(attempt, { action, signal: never }));
  expect(count).toBe(tries);
});

test('retries stay within a fifth of the calls of the last ten seconds, plus three', async () => {
  let time = 0;
  let calls = 0;
  const retry = createRetry({ now: () => time, random: () => -0.25 });
  const options = { action: 'recording.list', signal: never } as const;
  for (let request = 0; request < 1000; request++) {
    time += 5;
    await outcomeOf(
      retry.run(() => {
        calls += 1;
        return unreachable();
      }, options),
    );
  }
  expect(calls).toBe(1000 * 1.2 + 3);
});

test('a bulkhead admits up to its limit, queues up to its limit, and rejects the rest', async () => {
  const bulkhead = createBulkhead({ limit: 2, queue: 1, lifetimeMs: 1000 });
  const leave = await bulkhead.enter(owner, never);
  await bulkhead.enter(owner, never);
  const third = bulkhead.enter(owner, never);
  expect(await outcomeOf(bulkhead.enter(owner, never))).toEqual({ kind: 'overloaded' });
  expect([bulkhead.running, bulkhead.waiting]).toEqual([2, 1]);
  leave();
  leave();
  await third;
  expect([bulkhead.running, bulkhead.waiting]).toEqual([2, 0]);
});

test('a client that disconnects leaves the queue, and a slot that was never released expires', async () => {
  let time = 0;
  const bulkhead = createBulkhead({ limit: 1, queue: 1, lifetimeMs: 1000, now: () => time });
  await bulkhead.enter(owner, never);
  const client = new AbortController();
  const waiting = bulkhead.enter(owner, client.signal);
  client.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  expect(bulkhead.waiting).toBe(0);
  time = 1001;
  await bulkhead.enter(owner, never);
  expect(bulkhead.running).toBe(1);
});

test('while the breaker is open the response is an immediate 503 with Retry-After and no legacy call', async () => {
  freezeTime();
  const gateway = await startGateway();
  const headers = basic(gateway.emulator);
  gateway.emulator.fault({ name: 'reset-before-answer' });
  for (let count = 0; count < 5; count++) await (await gateway.fetch(list, { headers })).text();
  const { length } = gateway.emulator.calls;
  expect(length).toBe(5);
  const times: number[] = [];
  for (let count = 0; count < 200; count++) {
    const started = performance.now();
    const response = await gateway.fetch(list, { headers });
    const problem = await response.json();
    times.push(performance.now() - started);
    expect(problem).toMatchObject({ type: '/problems/legacy-unavailable', status: 503 });
    expect(response.headers.get('Retry-After')).toBe('30');
  }
  expect(gateway.emulator.calls.length).toBe(length);
  // One of the fast ones: a busy machine slows the others down.
  expect(times.sort((a, b) => a - b)[20]).toBeLessThan(5);
});

test('the breaker closes within its time after the legacy service recovers', async () => {
  freezeTime();
  const gateway = await startGateway({ env: { LEGACY_CIRCUIT_OPEN_MS: '300' } });
  const headers = basic(gateway.emulator);
  gateway.emulator.fault({ name: 'bad-gateway', times: 5 });
  for (let count = 0; count < 5; count++) await (await gateway.fetch(list, { headers })).text();
  expect((await gateway.fetch(list, { headers })).status).toBe(503);
  vi.setSystemTime(Date.now() + 300);
  expect((await gateway.fetch(list, { headers })).status).toBe(200);
});

test("one account's wrong keys lock no other account out", async () => {
  const gateway = await startGateway({ env: { REFUSED_KEYS_LIMIT: '1000' } });
  const wrong = { Authorization: `Basic ${btoa('wrong:wrong')}` };
  for (let count = 0; count < 20; count++) {
    expect((await gateway.fetch(list, { headers: wrong })).status).toBe(401);
  }
  expect((await gateway.fetch(list, { headers: basic(gateway.emulator) })).status).toBe(200);
});

test('with a stalled legacy service, a thousand callers get responses within the deadline', {
  timeout: 30_000,
}, async () => {
  const gateway = await startGateway({ env: { LEGACY_FIRST_BYTE_TIMEOUT_MS: '1000' } });
  const headers = basic(gateway.emulator);
  // Unverified keys would be throttled before the queue is full.
  await (await gateway.fetch(list, { headers })).text();
  const before = gateway.emulator.calls.length;
  gateway.emulator.fault({ name: 'stall-before-answer' });
  const started = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 1000 }, async () => {
      const response = await gateway.fetch(list, { headers });
      return { status: response.status, ...(await response.json()), time: performance.now() - started };
    }),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503, 504]));
  // Allows for a busy machine that runs client, gateway and legacy service.
  expect(Math.max(...answers.map(({ time }) => time))).toBeLessThan(20_000);
  // The number of slots, plus calls admitted before the fifth failure was counted.
  expect(gateway.emulator.calls.length - before).toBeLessThan(105);
  await gateway.emulator.idle();
});

test('a rejection whose description never arrives is a timeout, not an invalid response', async () => {
  const gateway = await startGateway({
    env: { LEGACY_FIRST_BYTE_TIMEOUT_MS: '500', LEGACY_ANSWER_TIMEOUT_MS: '500' },
  });
  const headers = { Authorization: `Basic ${btoa('unknown:keys')}` };
  for (const path of [list, `/recordings/${sids.playable}/audio`]) {
    gateway.emulator.fault({ name: 'stall-midway', times: 1 });
    const response = await gateway.fetch(path, { headers });
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ type: '/problems/legacy-timeout' });
    await gateway.emulator.idle();
  }
});

test('a 503 counts by its status, even if its body fails', async () => {
  const gateway = await startGateway({
    env: { LEGACY_ANSWER_TIMEOUT_MS: '2000' },
    legacy: ({ signal }) => {
      const endless = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('<html>'));
          signal.addEventListener('abort', () => controller.close());
        },
      });
      return new Response(endless, { status: 503, headers: { 'Retry-After': '9' } });
    },
  });
  const response = await gateway.fetch(list, { headers: basic(gateway.emulator) });
  expect(response.status).toBe(503);
  expect(response.headers.get('Retry-After')).toBe('9');
});

test.each(['application/json', 'application/x-ndjson'])(
  'a stalled retry times out too, for %s',
  async (Accept) => {
    const gateway = await startGateway({
      env: { LEGACY_FIRST_BYTE_TIMEOUT_MS: '1500', LEGACY_ANSWER_TIMEOUT_MS: '4500' },
    });
    gateway.emulator.fault({ name: 'gateway-timeout', times: 1 });
    gateway.emulator.fault({ name: 'stall-before-answer' });
    const response = await gateway.fetch(list, { headers: { ...basic(gateway.emulator), Accept } });
    expect(response.status).toBe(504);
    expect(gateway.emulator.calls).toHaveLength(2);
    await gateway.emulator.idle();
  },
);

test('short calls do not starve behind downloads', async () => {
  const gateway = await startGateway({ env: { LEGACY_MAX_STREAMS: '3' } });
  const headers = basic(gateway.emulator);
  const audio = `/recordings/${sids.hour}/audio`;
  const playing = await Promise.all([1, 2, 3].map(() => gateway.fetch(audio, { headers })));
  const waiting = [1, 2, 3].map(() => gateway.fetch(audio, { headers }));
  await expect.poll(() => gateway.emulator.calls.length).toBe(3);
  expect((await gateway.fetch(list, { headers })).status).toBe(200);
  await Promise.all(playing.map(({ body }) => body?.cancel()));
  for (const response of await Promise.all(waiting)) {
    expect(response.status).toBe(200);
    await response.body?.cancel();
  }
  await gateway.emulator.idle();
});

test('a removal whose response is lost succeeds if the recording is gone, and fails otherwise', async () => {
  const gateway = await startGateway();
  const init = { method: 'DELETE', headers: basic(gateway.emulator) };
  const path = `/recordings/${sids.playable}`;
  gateway.emulator.fault({ name: 'reset-before-answer', action: 'recording.remove', times: 1 });
  expect((await gateway.fetch(path, init)).status).toBe(502);
  gateway.emulator.fault({ name: 'reset-after-work', action: 'recording.remove', times: 1 });
  expect((await gateway.fetch(path, init)).status).toBe(204);
  expect(gateway.emulator.calls.filter(({ action }) => action === 'recording.remove')).toHaveLength(2);
});
