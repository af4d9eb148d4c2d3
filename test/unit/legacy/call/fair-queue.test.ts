/** A full queue makes room for an account or a caller with fewer waiters, and rejects one that has as many itself. */
import { expect, test } from 'vitest';
import { createFairQueue } from '../../../../src/legacy/call/fair-queue.ts';

/** Adds waiters of `account/subject` in turn to a queue for two, and returns those that were rejected, by position. */
function addAll(owners: readonly string[]): number[] {
  const queue = createFairQueue({ limit: 2, held: () => 0 });
  const rejected: number[] = [];
  for (const [index, owner] of owners.entries()) {
    const [account = '', subject = ''] = owner.split('/');
    const waiter = { admit: () => {}, reject: () => rejected.push(index) };
    const ticket = queue.add({ account, subject }, waiter);
    expect(ticket === null).toBe(rejected.at(-1) === index);
    expect(queue.size).toBe(Math.min(index + 1, 2));
  }
  return rejected;
}

test.each([
  ['an account with as many waiters as another', ['a/x', 'b/y', 'a/x'], [2]],
  ['a caller with as many waiters as another of its account', ['a/x', 'a/y', 'a/x'], [2]],
  ['a caller with as many waiters as an earlier one', ['a/y', 'a/x', 'a/x'], [2]],
  ['a caller that comes first, of an account with more', ['a/x', 'a/x', 'a/y'], [1]],
  ['another account', ['a/x', 'a/y', 'b/z'], [0]],
  ['another account, by a caller of the same name', ['a/x', 'a/x', 'b/x'], [1]],
  ['the only caller', ['a/x', 'a/x', 'a/x'], [2]],
])('%s: of %j, those at %j are rejected', (_, owners, rejected) => {
  expect(addAll(owners)).toEqual(rejected);
});

/** The order in which waiters of `account/subject` are admitted, by position. */
function admitAll(owners: readonly string[], held: Readonly<Record<string, number>>): number[] {
  const queue = createFairQueue({ limit: 10, held: (key) => held[key] ?? 0 });
  const admitted: number[] = [];
  for (const [index, owner] of owners.entries()) {
    const [account = '', subject = ''] = owner.split('/');
    queue.add({ account, subject }, { admit: () => admitted.push(index), reject: () => {} });
  }
  const results = owners.map(() => queue.next(() => true));
  expect(results).toEqual(owners.map(() => true));
  expect(queue.next(() => true)).toBe(false);
  return admitted;
}

test.each([
  ['the account with fewer slots', ['a/x', 'b/y'], { a: 2, b: 1 }, [1, 0]],
  ['the caller with fewer slots of an account', ['a/x', 'a/y'], { a: 4, 'a x': 3, 'a y': 1 }, [1, 0]],
  [
    'the first of two accounts, whatever their callers hold',
    ['a/x', 'b/y'],
    { a: 1, b: 1, 'a x': 1 },
    [0, 1],
  ],
])('%s is next', (_, owners, held, order) => {
  expect(admitAll(owners, held)).toEqual(order);
});
