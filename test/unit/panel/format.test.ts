/** Display formats of the panel: values that are not a number, date or duration are shown unchanged. */
import { expect, test } from 'vitest';
import { toLength, toPhone, toSize, toWhen } from '../../../src/panel/format.ts';

test.each([
  ['3125551265', '(312) 555-1265'],
  ['13125551265', '13125551265'],
  ['+442079460000', '+442079460000'],
  ['', 'Unknown number'],
  [null, 'Unknown number'],
])('the number %j is shown as %j', (number, shown) => {
  expect(toPhone(number)).toBe(shown);
});

test.each([
  ['2019-02-31 20:42:11', '2019-02-31 20:42:11'],
  ['2019-02-20 25:00:00', '2019-02-20 25:00:00'],
  ['yesterday', 'yesterday'],
  ['', 'No date'],
  [null, 'No date'],
])('%j, which is not a date, is shown as %j', (date, shown) => {
  expect(toWhen(date)).toEqual({ day: shown, time: '' });
});

test('a date is shown by its own clock in every time zone', () => {
  const { day, time } = toWhen('2020-02-29 23:59:59');
  expect([day, time]).toEqual([expect.stringContaining('29'), expect.stringContaining('59')]);
});

test.each([
  [null, '–:––'],
  [0, '0:00'],
  [318, '5:18'],
  [3723, '1:02:03'],
  [36_030, '10:00:30'],
])('%j seconds are shown as %s', (seconds, shown) => {
  expect(toLength(seconds)).toBe(shown);
});

test.each([
  [1, '1 kB'],
  [999_499, '999 kB'],
  [999_999, '1.0 MB'],
  [57_600_000, '57.6 MB'],
])('%i bytes are shown as %s', (bytes, shown) => {
  expect(toSize(bytes)).toBe(shown);
});
