/** The circuit breaker stops calls by account, and for all accounts only if no single caller can be the cause. */
import { describe, expect, test } from 'vitest';
import {
  type CircuitBreakerOptions,
  createCircuitBreaker,
} from '../../../../src/legacy/call/circuit-breaker.ts';
import { LegacyError, type LegacyFailure } from '../../../../src/legacy/failure.ts';
import { NotSentError } from '../../../../src/legacy/transport.ts';
import type { LegacyAction } from '../../../../src/legacy/wire.ts';

const down: LegacyFailure = { kind: 'failed', status: 500, description: null };

function start(options: Pick<CircuitBreakerOptions, 'maxAccounts' | 'onChange'> = {}) {
  let time = 0;
  const breaker = createCircuitBreaker({ now: () => time, ...options });
  const run = (account: string, action: LegacyAction, attempt: () => Promise<string>) =>
    breaker.run({ account, action }, attempt).catch((error: LegacyError) => error.failure.kind);
  return {
    breaker,
    pass(ms: number) {
      time += ms;
    },
    succeed: (account: string) => run(account, 'recording.list', async () => 'fine'),
    async fail(account: string, failure: LegacyFailure = down, options?: ErrorOptions) {
      return await run(account, 'recording.list', async () => {
        throw new LegacyError(failure, options);
      });
    },
    upload: (account: string, failure: LegacyFailure) =>
      run(account, 'recording.upload', async () => {
        throw new LegacyError(failure);
      }),
  };
}

const unsent = { cause: new NotSentError(false, {}) };

describe("one account's failures", () => {
  test.each<LegacyFailure>([
    down,
    { kind: 'timeout' },
    { kind: 'unreachable' },
    { kind: 'unavailable', retryAfter: null },
    { kind: 'invalid-response', status: 502, reason: 'no envelope' },
  ])('%o: open its own circuit at the fifth in a row, and no other', async (failure) => {
    const { breaker, fail, succeed } = start();
    await succeed('b');
    for (let count = 0; count < 4; count++) await fail('b', failure);
    expect(breaker.state('b')).toBe('closed');
    for (let count = 0; count < 1000; count++) await fail('b', failure);
    expect([breaker.state('b'), breaker.state('a'), breaker.state()]).toEqual(['open', 'closed', 'closed']);
    expect(() => breaker.check('b')).toThrow('unavailable');
    expect(await succeed('a')).toBe('fine');
    expect(breaker.openAccounts).toBe(1);
  });

  test('are reset by a success of its own', async () => {
    const { breaker, fail, succeed } = start();
    for (let round = 0; round < 10; round++) {
      for (let count = 0; count < 4; count++) await fail('b');
      await succeed('b');
    }
    expect(breaker.state('b')).toBe('closed');
  });

  test('to connect open the circuit for all, since no caller can cause them', async () => {
    const { breaker, fail, succeed, pass } = start();
    for (let count = 0; count < 4; count++) await fail('b', { kind: 'unreachable' }, unsent);
    expect(breaker.state()).toBe('closed');
    await fail('a', { kind: 'timeout' }, unsent);
    expect([breaker.state(), breaker.state('a')]).toEqual(['open', 'open']);
    expect(await succeed('a')).toBe('unavailable');
    pass(30_000);
    expect(await succeed('a')).toBe('fine');
    expect([breaker.state(), breaker.state('b')]).toEqual(['closed', 'closed']);
  });

  test("by slow uploads are not the legacy service's failure", async () => {
    const { breaker, upload } = start();
    for (let count = 0; count < 50; count++) await upload('b', { kind: 'timeout' });
    expect([breaker.state('b'), breaker.state()]).toEqual(['closed', 'closed']);
    for (let count = 0; count < 5; count++) await upload('b', down);
    expect([breaker.state('b'), breaker.state()]).toEqual(['open', 'closed']);
  });

  test.each<LegacyFailure>([
    { kind: 'invalid-response', status: 200, reason: 'no HTTP' },
    { kind: 'invalid-response', status: 0, reason: 'no HTTP' },
    { kind: 'invalid-response', status: 302, reason: 'a redirect' },
  ])('%o: a protocol error opens no circuit', async (failure) => {
    const { breaker, fail } = start();
    for (let count = 0; count < 50; count++) await fail('b', failure);
    expect([breaker.state('b'), breaker.state()]).toEqual(['closed', 'closed']);
  });
});

describe('failures of several accounts', () => {
  test('open the circuit for all at the third account that the legacy service knows', async () => {
    const { breaker, fail, succeed, pass } = start();
    for (const account of ['a', 'b', 'c']) await succeed(account);
    await fail('a');
    await fail('b');
    expect(breaker.state()).toBe('closed');
    await fail('c');
    expect([breaker.state(), breaker.state('d')]).toEqual(['open', 'open']);
    pass(30_000);
    expect(await fail('a')).toBe('failed');
    expect(breaker.state()).toBe('open');
    pass(30_000);
    expect(await succeed('d')).toBe('fine');
    expect(breaker.state()).toBe('closed');
  });

  test('are reset by any success', async () => {
    const { breaker, fail, succeed } = start();
    for (const account of ['a', 'b', 'c']) await succeed(account);
    for (let round = 0; round < 10; round++) {
      await fail('a');
      await fail('b');
      await succeed('d');
      await fail('c');
      await succeed('d');
    }
    expect(breaker.state()).toBe('closed');
  });

  test('do not count for made-up accounts', async () => {
    const { breaker, fail } = start();
    for (let count = 0; count < 100; count++) await fail(`made-up-${count}`);
    expect(breaker.state()).toBe('closed');
  });

  test.each<LegacyFailure>([{ kind: 'file-not-found' }, { kind: 'processing', retryAfter: null }])(
    '%o: makes an account known',
    async (failure) => {
      const { breaker, fail } = start();
      for (const account of ['a', 'b', 'c']) await fail(account, failure);
      for (const account of ['a', 'b', 'c']) await fail(account);
      expect(breaker.state()).toBe('open');
    },
  );

  test('are not decided by an account that was failing before', async () => {
    const { breaker, fail, succeed, pass } = start();
    for (const account of ['a', 'b', 'c']) await succeed(account);
    for (let count = 0; count < 5; count++) await fail('b');
    for (const account of ['a', 'c']) await fail(account);
    expect(breaker.state()).toBe('open');
    pass(30_000);
    await fail('b');
    expect(breaker.state()).toBe('half-open');
    expect(breaker.state('b')).toBe('half-open');
    expect(await succeed('a')).toBe('fine');
    expect(breaker.state()).toBe('closed');
    expect(breaker.state('b')).toBe('open');
  });
});

describe.each([
  ['one account', (failed: ReturnType<typeof start>) => failed.fail('b')],
  ['all accounts', (failed: ReturnType<typeof start>) => failed.fail('b', { kind: 'unreachable' }, unsent)],
])('the probe of an open circuit of %s', (_whom, fail) => {
  async function openAndWait() {
    const started = start();
    for (let count = 0; count < 5; count++) await fail(started);
    started.pass(30_000);
    return started;
  }

  test('is one call; others are rejected until it ends', async () => {
    const { breaker, succeed } = await openAndWait();
    const { promise, resolve } = Promise.withResolvers<string>();
    const probe = breaker.run({ account: 'b', action: 'recording.list' }, () => promise);
    expect(await succeed('b')).toBe('unavailable');
    resolve('fine');
    expect(await probe).toBe('fine');
    expect(await succeed('b')).toBe('fine');
  });

  test('that proves nothing is followed by another one at once', async () => {
    const started = await openAndWait();
    expect(await started.fail('b', { kind: 'abandoned' })).toBe('abandoned');
    expect(started.breaker.state('b')).toBe('half-open');
    expect(await started.succeed('b')).toBe('fine');
    expect(started.breaker.state('b')).toBe('closed');
  });

  test('that never ends blocks the others no longer than the circuit was open', async () => {
    const { breaker, succeed, pass } = await openAndWait();
    void breaker.run({ account: 'b', action: 'recording.list' }, () => new Promise(() => {}));
    pass(29_999);
    expect(await succeed('b')).toBe('unavailable');
    pass(1);
    expect(await succeed('b')).toBe('fine');
  });
});

test('concurrent failures count together', async () => {
  const { breaker, fail } = start();
  await Promise.all(Array.from({ length: 5 }, () => fail('b')));
  expect(breaker.state('b')).toBe('open');
});

test('memory stays bounded with 100,000 accounts', async () => {
  const { breaker, fail } = start({ maxAccounts: 1000 });
  for (let count = 0; count < 100_000; count++)
    for (let call = 0; call < 5; call++) await fail(`account-${count}`);
  expect(breaker.openAccounts).toBeGreaterThanOrEqual(1000);
  expect(breaker.openAccounts).toBeLessThanOrEqual(2000);
});

describe('a change of a circuit is reported', () => {
  const record = () => {
    const changes: unknown[] = [];
    return { changes, ...start({ onChange: (change) => changes.push(change) }) };
  };

  test('once when it opens, not when its probe fails, and once when it closes', async () => {
    const { changes, fail, succeed, pass } = record();
    for (let count = 0; count < 20; count++) await fail('a');
    expect(changes).toEqual([{ isOpen: true, account: 'a' }]);
    pass(30_000);
    await fail('a');
    pass(30_000);
    await succeed('a');
    await succeed('a');
    expect(changes).toEqual([
      { isOpen: true, account: 'a' },
      { isOpen: false, account: 'a' },
    ]);
  });

  test('for all accounts, when no connection is made', async () => {
    const { changes, fail, succeed, pass } = record();
    for (let count = 0; count < 20; count++) await fail('a', { kind: 'unreachable' }, unsent);
    pass(30_000);
    await succeed('b');
    expect(changes).toEqual([
      { isOpen: true, account: null },
      { isOpen: false, account: null },
    ]);
  });

  test('only if its state changes', async () => {
    const { changes, fail, succeed } = record();
    for (let count = 0; count < 4; count++) await fail('a');
    await succeed('a');
    expect(changes).toEqual([]);
  });
});
