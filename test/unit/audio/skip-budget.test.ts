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
    spend(subject: string, bytes: number, linksOf?: string): string | null {
      const authMethod = linksOf ? 'link' : 'basic';
      try {
        budget.spend({ subject, accountId: linksOf ?? subject, authMethod }, bytes);
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

test('the links of an account share four budgets, however many there are', () => {
  const { spend, pass } = start();
  for (let count = 0; count < 20; count++) expect(spend(`link-${count}`, 200_000_000, 'a')).toBeNull();
  expect(spend('link-20', 200_000_000, 'a')).toBe('too-many-requests 1');
  expect(spend('link-21', 200_000_000, 'b')).toBeNull();
  expect(spend('a', 200_000_000)).toBeNull();
  pass(1);
  expect(spend('link-22', 200_000_000, 'a')).toBeNull();
  expect(spend('link-23', 200_000_000, 'a')).toBe('too-many-requests 5');
  pass(100_000);
  for (let count = 0; count < 5; count++) expect(spend('one link', 200_000_000, 'a')).toBeNull();
  expect(spend('one link', 200_000_000, 'a')).toBe('too-many-requests 1');
});

test('short skips are free, and 100,000 callers stay cheap', () => {
  const { spend } = start();
  for (let count = 0; count < 100_000; count++) {
    expect(spend('a', 1_000_000)).toBeNull();
    spend(`caller-${count}`, 900_000_000);
  }
  expect(spend('a', 1_000_000_000)).toBeNull();
});
