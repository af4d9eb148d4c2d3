/** A caller has so many operations in progress and no more, whatever the others do. */
import { expect, test } from 'vitest';
import { createConcurrencyLimit } from '../../../src/primitives/concurrency-limit.ts';

test('a caller begins an operation once one of its own has ended', () => {
  const { begin } = createConcurrencyLimit({ limit: 2 });
  const end = begin('a', 1000);
  expect(begin('a', 1000)).not.toBeNull();
  expect(begin('a', 1000)).toBeNull();
  expect(begin('b', 1000)).not.toBeNull();
  end?.();
  end?.();
  expect(begin('a', 1000)).not.toBeNull();
  expect(begin('a', 1000)).toBeNull();
});

test('an operation whose end is never reported counts for its longest time', () => {
  let time = 0;
  const { begin } = createConcurrencyLimit({ limit: 1, now: () => time });
  begin('a', 1000);
  time = 1000;
  expect(begin('a', 1000)).toBeNull();
  time = 1001;
  expect(begin('a', 1000)).not.toBeNull();
  expect(begin('a', 1000)).toBeNull();
});
