/** Guessing of keys: guesses are limited, concurrent or not, and accounts with valid keys are not affected. */
import { describe, expect, it } from 'vitest';
import { createLoginThrottle } from '../../../src/auth/login-throttle.ts';
import type { RateLimit } from '../../../src/auth/rate-limit.ts';
import { createVerifiedAccounts } from '../../../src/auth/verified-accounts.ts';
import type { LegacyFailure } from '../../../src/legacy/failure.ts';

const here = ['198.51.100.7'] as const;
const rejected = { kind: 'credentials-rejected' } as const;
const signal = new AbortController().signal;

function create({ limit = 5, counter = null }: { limit?: number; counter?: RateLimit | null } = {}) {
  const clock = { time: 1_790_000_000_000 };
  const now = () => clock.time;
  const verified = createVerifiedAccounts({ confirm: async () => {}, lifetime: 300, now });
  const throttle = createLoginThrottle({ verified, limit, counter, now });
  /** How a request of the account ends: the outcome of its legacy call, or `slowed`. Undefined makes no call. */
  async function ask(
    accountId: string,
    outcome?: LegacyFailure | null,
    buckets: readonly [string, string?] = here,
  ) {
    try {
      const attempt = await throttle({ buckets, accountId, signal });
      if (outcome !== undefined) attempt.record(outcome);
      await attempt.end();
      return 'called';
    } catch {
      return 'slowed';
    }
  }
  const guess = (n: number | string, buckets?: readonly [string, string?]) =>
    ask(`guess-${n}`, rejected, buckets);
  return { clock, verified, throttle, ask, guess };
}

/** One after the other: a request in flight is charged in full. */
async function countCallsInTurn(count: number, ask: (n: number) => Promise<string>) {
  let calls = 0;
  for (let n = 0; n < count; n += 1) if ((await ask(n)) === 'called') calls += 1;
  return calls;
}

async function countCalls(results: Iterable<Promise<string>>) {
  return (await Promise.all(results)).filter((result) => result === 'called').length;
}

describe('an address that guesses', () => {
  it('has five guesses with a limit of five, and says when the next is due', async () => {
    const { throttle, guess, clock } = create();
    expect(await countCalls(Array.from({ length: 50 }, (_, n) => guess(n)))).toBe(5);
    const attempt = throttle({ buckets: here, accountId: 'next', signal });
    await expect(attempt).rejects.toMatchObject({ failure: { kind: 'too-many-failures', retryAfter: 15 } });
    clock.time += 15_000;
    expect(await guess('later')).toBe('called');
  });

  it('has at most twice the limit in its first minute', async () => {
    const { guess, clock } = create({ limit: 20 });
    let calls = 0;
    for (let n = 0; n < 1000; n += 1) {
      if ((await guess(n)) === 'called') calls += 1;
      clock.time += 60;
    }
    expect(calls).toBeLessThanOrEqual(40);
  });

  it('gets no more by repeating each guess', async () => {
    const { guess, clock } = create({ limit: 20 });
    let calls = 0;
    for (let n = 0; n < 1000; n += 1) {
      if ((await guess(n % 100)) === 'called') calls += 1;
      clock.time += 60;
    }
    expect(calls).toBeLessThanOrEqual(40);
  });

  it('gets no more while its requests are in flight', async () => {
    const { throttle } = create();
    const attempts = Array.from({ length: 40 }, (_, n) =>
      throttle({ buckets: here, accountId: `guess-${n}`, signal }),
    );
    const results = await Promise.allSettled(attempts);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });

  it('gets no more by sending the same keys concurrently', async () => {
    const { throttle } = create();
    const ask = async () => {
      const attempt = await throttle({ buckets: here, accountId: 'same', signal });
      await new Promise((resolve) => setTimeout(resolve, 20));
      attempt.record(rejected);
      await attempt.end();
      return 'called';
    };
    const results = await Promise.allSettled(Array.from({ length: 150 }, ask));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });

  it('does not slow another address', async () => {
    const { guess } = create();
    for (let n = 0; n < 10; n += 1) await guess(n);
    expect(await guess('other', ['198.51.100.8'])).toBe('called');
  });

  it('shares a limit four times as high with its /48', async () => {
    const { guess } = create();
    const from = (n: number) => [`2001:db8:1:${n}::/64`, '2001:db8:1::/48'] as const;
    expect(await countCalls(Array.from({ length: 100 }, (_, n) => guess(n, from(n))))).toBe(20);
  });

  it('has the same limit as a /64 of IPv6', async () => {
    const { guess } = create();
    const buckets = ['2001:db8:1:1::/64', '2001:db8:1::/48'] as const;
    expect(await countCallsInTurn(50, (n) => guess(n, buckets))).toBe(5);
  });

  it("is rejected if the platform's counter says so", async () => {
    const counted: string[] = [];
    const counter: RateLimit = async (key) => {
      counted.push(key);
      return { allowed: false, retryAfter: 60 };
    };
    const { guess, clock } = create({ counter });
    expect([await guess(1), await guess(2)]).toEqual(['called', 'slowed']);
    expect(counted).toEqual(['refused:198.51.100.7']);
    clock.time += 60_000;
    expect(await guess(3)).toBe('called');
  });
});

describe('valid keys', () => {
  it('are refunded at their address and at their /48', async () => {
    const { ask, guess } = create();
    const buckets = ['2001:db8:1:1::/64', '2001:db8:1::/48'] as const;
    expect(await countCallsInTurn(100, (n) => ask(`valid-${n}`, null, buckets))).toBe(100);
    expect(await countCallsInTurn(50, (n) => guess(n, [`2001:db8:1:${n}::/64`, buckets[1]]))).toBe(20);
  });

  // The clock of the test stands still, so a request that waited would wait forever.
  it('that are rejected during another request do not wait for its end', async () => {
    const { throttle, verified } = create();
    verified.renew('account');
    const streaming = await throttle({ buckets: here, accountId: 'account', signal });
    verified.drop('account');
    const next = await throttle({ buckets: here, accountId: 'account', signal });
    expect([streaming.isVerified, next.isVerified]).toEqual([true, false]);
  });

  it.each<LegacyFailure | null>([
    null,
    { kind: 'file-not-found' },
    { kind: 'processing', retryAfter: null },
    { kind: 'no-results' },
    { kind: 'recording-failed', description: 'Error in retrieving recording' },
    { kind: 'failed', status: 404, description: null },
  ])('are verified by the outcome %j, without a charge', async (outcome) => {
    const { ask, guess } = create();
    expect(await ask('right', outcome)).toBe('called');
    expect(await countCalls(Array.from({ length: 20 }, (_, n) => guess(n)))).toBe(5);
    expect(await ask('right', outcome)).toBe('called');
  });

  it('are admitted concurrently before their first verdict', async () => {
    const { throttle } = create();
    let calls = 0;
    const ask = async () => {
      const attempt = await throttle({ buckets: here, accountId: 'right', signal });
      calls += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      attempt.record(null);
      await attempt.end();
    };
    await Promise.all(Array.from({ length: 100 }, ask));
    expect(calls).toBe(100);
  });

  it('are admitted within half a minute at an address that guesses without a pause', async () => {
    const { ask, guess, clock } = create({ limit: 20 });
    const startedAt = clock.time;
    for (let n = 0; n < 20; n += 1) await guess(`before-${n}`);
    for (let n = 0; ; n += 1) {
      clock.time += 20;
      await guess(n);
      if (n % 100 === 0 && (await ask('right', null)) === 'called') break;
      expect(clock.time - startedAt).toBeLessThan(30_000);
    }
  });

  it('count as guesses from the moment they are rejected', async () => {
    const { ask, guess } = create();
    await ask('right', null);
    expect(await ask('right', rejected)).toBe('called');
    expect(await countCalls(Array.from({ length: 20 }, (_, n) => guess(n)))).toBe(4);
    expect(await ask('right', null)).toBe('slowed');
  });
});

describe('a request without a verdict', () => {
  it.each<LegacyFailure | undefined>([
    undefined,
    { kind: 'timeout' },
    { kind: 'unreachable' },
    { kind: 'unavailable', retryAfter: 1 },
    { kind: 'overloaded' },
    { kind: 'rate-limited', retryAfter: 1 },
    { kind: 'invalid-response', status: 502, reason: 'no XML' },
  ])('is not charged: %j', async (outcome) => {
    const { ask } = create();
    for (let n = 0; n < 20; n += 1) expect(await ask(`some-${n}`, outcome)).toBe('called');
  });

  it('is limited to five times the limit while the legacy service is down, and valid keys are not', async () => {
    const { ask, guess, verified, clock } = create();
    const down = { kind: 'unavailable', retryAfter: null } as const;
    verified.renew('verified');
    for (let n = 0; n < 100; n += 1) {
      expect(await ask('verified', down)).toBe('called');
      // No call is sent, or the keys prove valid.
      expect(await ask(`unsent-${n}`)).toBe('called');
      expect(await ask(`valid-${n}`, null)).toBe('called');
    }
    expect(await countCallsInTurn(100, (n) => ask(`some-${n}`, down))).toBe(25);
    expect(await guess('any')).toBe('slowed');
    expect(await ask('verified', down)).toBe('called');
    clock.time += 12_000;
    expect(await countCallsInTurn(10, (n) => ask(`more-${n}`, down))).toBe(5);
  });

  it('is limited together with those of its /48', async () => {
    const { ask } = create();
    const down = { kind: 'timeout' } as const;
    const calls = await countCallsInTurn(100, (n) =>
      ask(`some-${n}`, down, [`2001:db8:1:${n}::/64`, '2001:db8:1::/48']),
    );
    expect(calls).toBe(25);
  });

  it('of an address that must wait leaves valid keys their share', async () => {
    const { ask, guess, clock } = create();
    for (let n = 0; n < 1000; n += 1) await guess(n);
    expect(await ask('right', null)).toBe('slowed');
    clock.time += 15_000;
    await guess('first');
    await guess('second');
    expect(await ask('right', null)).toBe('called');
  });

  it.each<LegacyFailure>([
    { kind: 'abandoned' },
    { kind: 'invalid-request', description: null },
    { kind: 'failed', status: 403, description: 'no' },
    { kind: 'invalid-response', status: 403, reason: 'HTML' },
  ])('is charged if the legacy service may have checked the keys: %j', async (outcome) => {
    const { ask } = create();
    expect(await countCalls(Array.from({ length: 20 }, (_, n) => ask(`some-${n}`, outcome)))).toBe(5);
  });
});
