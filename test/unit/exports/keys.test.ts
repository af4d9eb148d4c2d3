/** Keys of exports: below the account's prefix, the newest first, and readable back. */
import { expect, test } from 'vitest';
import {
  exportKey,
  fromListKey,
  listKey,
  listPrefix,
  parseExportId,
  toExportId,
} from '../../../src/exports/keys.ts';

const accountId = 'a'.repeat(32);
const name = '0123456789abcdef'.repeat(2);
const id = { accountId, name };

test('an ID is its account and its name', () => {
  expect(parseExportId(toExportId(id))).toEqual(id);
});

test.each(['', accountId, `${accountId}-`, `-${name}`, `${accountId}-${name}0`, `${accountId}/${name}`])(
  '%j is no ID',
  (text) => {
    expect(parseExportId(text)).toBeNull();
  },
);

test('a key of the list names its export', () => {
  expect(fromListKey(listKey(id, 1_790_000_000_000))).toBe(toExportId(id));
});

test('in key order, the newest export is first', () => {
  const created = [999, 1_789_999_999_999, 1_790_000_000_000, 9_000_000_000_000];
  const keys = created.map((at) => listKey(id, at));
  expect(keys.toSorted()).toEqual(keys.toReversed());
});

test('every key begins with its kind and the account', () => {
  for (const key of [exportKey(id, 'state.json'), listKey(id, 0), listPrefix(accountId)]) {
    expect(key).toMatch(new RegExp(`^exports/${accountId}/`));
  }
});
