/** `Idempotency-Key` in the draft's syntax, and in that of clients. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseIdempotencyKey } from '../../../src/http/idempotency-key.ts';

test.each([
  ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
  ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
  ['  "a b, c"  ', 'a b, c'],
  ['"a\\"b\\\\c"', 'a"b\\c'],
  ['order/2026:11+a=b~c', 'order/2026:11+a=b~c'],
  [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
])('%s is the key %s', (header, key) => {
  expect(parseIdempotencyKey(header)).toBe(key);
});

test.each([
  '',
  '""',
  ' ',
  '"',
  '"a',
  'a"',
  'a b',
  'a, b',
  '"a", "b"',
  '"a\\b"',
  '"a"b"',
  '"ä"',
  'ä',
  '"a\tb"',
  '"a";x=1',
  '?1',
  '(a)',
  'x'.repeat(256),
  `"${'x'.repeat(256)}"`,
])('%s is not a key', (header) => {
  expect(parseIdempotencyKey(header)).toBeNull();
});

test('every key survives serialisation as a structured field', () => {
  const key = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 255,
  });
  fc.assert(
    fc.property(key, (text) => {
      expect(parseIdempotencyKey(`"${text.replace(/["\\]/g, '\\$&')}"`)).toBe(text);
    }),
  );
});
