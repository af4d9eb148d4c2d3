/** Rate limits: which requests pass, how long others wait, and bounded memory for strangers' keys. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBindingRateLimit, createMemoryRateLimit, createMeter } from '../../../src/auth/rate-limit.ts';

/** A limiter on a clock that the test controls, in milliseconds. */
function create(options: { limit: number; period: number; maxKeys?: number }) {
  const clock = { time: 1_790_000_000_000 };
  return { clock, rateLimit: createMemoryRateLimit({ ...options, now: () => clock.time }) };
}

describe('the limiter in memory', () => {
  it.each([1, 9, 17, 60, 1000])('lets exactly %d pass at once', async (limit) => {
    const { rateLimit } = create({ limit, period: 60 });
    for (let index = 0; index < limit; index++) expect(await rateLimit('a')).toEqual({ allowed: true });
    expect(await rateLimit('a')).toEqual({ allowed: false, retryAfter: Math.ceil(60 / limit) });
  });

  it('counts each key by itself', async () => {
    const { rateLimit } = create({ limit: 1, period: 60 });
    await rateLimit('a');
    expect(await rateLimit('b')).toEqual({ allowed: true });
    expect(await rateLimit('a')).toMatchObject({ allowed: false });
  });

  it('admits a client that waited as told', async () => {
    const { rateLimit, clock } = create({ limit: 7, period: 60 });
    for (let index = 0; index < 100; index++) {
      const decision = await rateLimit('a');
      if (decision.allowed) continue;
      clock.time += decision.retryAfter * 1000;
      expect(await rateLimit('a')).toEqual({ allowed: true });
    }
  });

  it('admits at most twice the limit in any period, at any pace', async () => {
    const paces = fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), paces, async (limit, pauses) => {
        const { rateLimit, clock } = create({ limit, period: 10 });
        const passed: number[] = [];
        for (const pause of pauses) {
          clock.time += pause;
          if ((await rateLimit('a')).allowed) passed.push(clock.time);
        }
        const most = passed.map(
          (start) => passed.filter((time) => time >= start && time < start + 10_000).length,
        );
        expect(Math.max(0, ...most)).toBeLessThanOrEqual(2 * limit);
      }),
    );
  });

  it('evicts an idle key, but not one that keeps trying', async () => {
    const { rateLimit } = create({ limit: 1, period: 60, maxKeys: 4 });
    for (const key of ['busy', 'idle', 'busy', 'v', 'busy', 'w', 'busy', 'x', 'busy', 'y'])
      await rateLimit(key);
    expect(await rateLimit('busy')).toMatchObject({ allowed: false });
    expect(await rateLimit('idle')).toEqual({ allowed: true });
  });
});

describe('a meter', () => {
  it('takes again what was given back, and no more than its burst', () => {
    const meter = createMeter({ burst: 2, intervalMs: 1000, now: () => 0 });
    expect([meter.take('a'), meter.take('a'), meter.take('a')]).toEqual([0, 0, 1000]);
    meter.giveBack('a');
    expect([meter.take('a'), meter.take('a')]).toEqual([0, 1000]);
  });

  it('keeps nothing that was given back in excess', () => {
    const meter = createMeter({ burst: 1, intervalMs: 1000, now: () => 0 });
    for (let count = 0; count < 5; count++) meter.giveBack('a');
    expect([meter.take('a'), meter.take('a')]).toEqual([0, 1000]);
  });
});

describe('the platform’s binding', () => {
  it('decides by its key', async () => {
    const keys: string[] = [];
    const binding = { limit: async ({ key }: { key: string }) => ({ success: keys.push(key) < 2 }) };
    const rateLimit = createBindingRateLimit(binding, 60);
    expect([await rateLimit('a'), await rateLimit('b')]).toEqual([
      { allowed: true },
      { allowed: false, retryAfter: 60 },
    ]);
    expect(keys).toEqual(['a', 'b']);
  });

  it('admits every caller when it fails', async () => {
    const rateLimit = createBindingRateLimit({ limit: () => Promise.reject(new Error('down')) }, 10);
    expect(await rateLimit('a')).toEqual({ allowed: true });
  });
});
