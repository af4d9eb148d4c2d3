/** The health probe: what it reports about the legacy service, and how rarely it calls it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLegacyHealth } from '../../src/legacy/health.ts';
import { startGateway } from '../support/harness.ts';

/** No result expires, however long the requests of a test take. */
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const never = new AbortController().signal;
const held = { LEGACY_ACCESS_KEY: 'foofoofoo', LEGACY_SECRET_ACCESS_KEY: 'foobarfoo' };

test.each([
  ['without keys', {}],
  ['with keys', held],
])('concurrent monitors cause one legacy call, %s', { timeout: 20_000 }, async (_how, env) => {
  const gateway = await startGateway({ env });
  const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.fetch('/health/legacy')));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const bodies = await Promise.all(answers.map((answer) => answer.text()));
  expect(new Set(bodies).size).toBe(1);
  expect(JSON.parse(bodies[0] ?? '')).toEqual({ status: 'ok', checked_at: expect.stringMatching(/Z$/) });
  expect(gateway.emulator.calls).toHaveLength(1);
});

test.each([
  ['does not respond', {}, { name: 'reset-before-answer' }, 502, 'legacy-unreachable'],
  ['responds with a page', {}, { name: 'html-page' }, 502, 'legacy-invalid-response'],
  [
    "rejects the gateway's keys",
    { ...held, LEGACY_SECRET_ACCESS_KEY: 'wrong' },
    null,
    502,
    'legacy-credentials-rejected',
  ],
] as const)(
  'a legacy service that %s is unhealthy, and that result is cached for ten seconds',
  async (_what, env, fault, status, slug) => {
    const gateway = await startGateway({ env });
    if (fault) gateway.emulator.fault(fault);
    for (let count = 0; count < 3; count++) {
      const answer = await gateway.fetch('/health/legacy');
      expect([answer.status, (await answer.json()).type]).toEqual([status, `/problems/${slug}`]);
    }
    const tries = fault?.name === 'reset-before-answer' ? 2 : 1;
    expect(gateway.emulator.calls).toHaveLength(tries);
  },
);

test('strangers who hang up at once cause one legacy call in ten seconds', async () => {
  const gateway = await startGateway({
    legacy: async () => {
      calls += 1;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return new Response('<response><result>failed</result></response>', { status: 401 });
    },
  });
  let calls = 0;
  for (let count = 0; count < 20; count += 1) {
    const leaving = new AbortController();
    const asked = gateway.fetch('/health/legacy', { signal: leaving.signal }).catch(() => null);
    await expect.poll(() => calls).toBeGreaterThan(0);
    leaving.abort();
    await asked;
  }
  expect((await gateway.fetch('/health/legacy')).status).toBe(200);
  expect(calls).toBe(1);
});

/** A legacy service with short responses. */
function createProbe() {
  let time = 0;
  const answers: (() => Promise<void>)[] = [];
  let count = 0;
  const signals: AbortSignal[] = [];
  const background: Promise<unknown>[] = [];
  const health = createLegacyHealth({
    legacy: {
      confirm: ({ signal }) => {
        count += 1;
        signals.push(signal);
        return answers.shift()?.() ?? Promise.resolve();
      },
    },
    credentials: { accessKey: 'a', secretAccessKey: 'b' },
    waitUntil: (work) => background.push(work),
    now: () => time,
  });
  return {
    health,
    signals,
    background,
    answer: (next: () => Promise<void>) => answers.push(next),
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    get count() {
      return count;
    },
  };
}

test('a probe is repeated after ten seconds, and not before', async () => {
  const probe = createProbe();
  expect(await probe.health.check({ signal: never })).toBe(0);
  probe.pass(9_999);
  expect(await probe.health.check({ signal: never })).toBe(0);
  expect(probe.count).toBe(1);
  probe.pass(1);
  expect(await probe.health.check({ signal: never })).toBe(10_000);
  expect(probe.count).toBe(2);
});

test('monitors that hang up cause one probe, whose result serves the others', async () => {
  const probe = createProbe();
  const { promise, resolve } = Promise.withResolvers<void>();
  probe.answer(() => promise);
  const first = new AbortController();
  const checking = probe.health.check({ signal: first.signal });
  first.abort();
  const gone = AbortSignal.abort();
  await expect(probe.health.check({ signal: gone })).rejects.toMatchObject({
    failure: { kind: 'abandoned' },
  });
  const waiting = probe.health.check({ signal: never });
  resolve();
  expect(await Promise.all([checking, waiting])).toEqual([0, 0]);
  expect(probe.count).toBe(1);
  expect(probe.signals.map(({ aborted }) => aborted)).toEqual([false]);
  expect(probe.background).toHaveLength(1);
});

test('a probe that never returns is replaced after its timeout', async () => {
  const probe = createProbe();
  probe.answer(() => new Promise(() => {}));
  void probe.health.check({ signal: never });
  const waiting = probe.health.check({ signal: never });
  probe.pass(10_000);
  expect(await waiting).toBe(10_000);
});
