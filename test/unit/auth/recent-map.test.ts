/** The map with a bound, against a plain one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecentMap } from '../../../src/auth/recent-map.ts';

describe('a map of recent entries', () => {
  it('has what was set lately, as it was set last, and nothing that was deleted', () => {
    const steps = fc.array(
      fc.tuple(fc.constantFrom('set', 'delete'), fc.integer({ min: 0, max: 12 }).map(String)),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), steps, (half, operations) => {
        const recent = createRecentMap<number>(2 * half);
        const all = new Map<string, number>();
        operations.forEach(([operation, key], index) => {
          all.delete(key);
          if (operation === 'set') all.set(key, index);
          if (operation === 'set') recent.set(key, index);
          else recent.delete(key);
        });
        const names = Array.from({ length: 13 }, (_, index) => String(index));
        for (const name of names) expect([undefined, all.get(name)]).toContain(recent.get(name));
        expect(names.filter((name) => recent.get(name) !== undefined).length).toBeLessThanOrEqual(2 * half);
        const lately = new Set(
          operations
            .slice(-half)
            .map(([, key]) => key)
            .filter((key) => all.has(key)),
        );
        for (const key of lately) expect(recent.get(key)).toBe(all.get(key));
      }),
    );
  });
});
