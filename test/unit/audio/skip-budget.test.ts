/** Each caller has a budget of bytes that are fetched and discarded. */
import { expect, test } from 'vitest';
import { createSkipBudget } from '../../../src/audio/skip-budget.ts';
import { Problem } from '../../../src/problem/problem.ts';

function start() {
  let time = 0;
  const budget = createSkipBudget({ now: () => time });
  return {
    pass(ms: number) {
      time += ms;
    },
    spend(caller: string, bytes: number): string | null {
      try {
        budget.spend(caller, bytes);
        return null;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        return `${error.slug} ${new Map(error.options.headers ?? []).get('Retry-After')}`;
      }
    },
  };
}

test('a caller may skip a gigabyte at once, then ten megabytes per second', () => {
  const { spend, pass } = start();
  for (let count = 0; count < 5; count++) expect(spend('a', 200_000_000)).toBeNull();
  expect(spend('a', 200_000_000)).toBe('too-many-requests 1');
  expect(spend('b', 200_000_000)).toBeNull();
  pass(1);
  expect(spend('a', 200_000_000)).toBeNull();
  expect(spend('a', 200_000_000)).toBe('too-many-requests 20');
  pass(20_000);
  expect(spend('a', 200_000_000)).toBeNull();
});

test('short skips are free, and 100,000 callers stay cheap', () => {
  const { spend } = start();
  for (let count = 0; count < 100_000; count++) {
    expect(spend('a', 1_000_000)).toBeNull();
    spend(`caller-${count}`, 900_000_000);
  }
  expect(spend('a', 1_000_000_000)).toBeNull();
});
