/** Patterns of keys: what could escape the prefix or give two recordings one key is refused, and no sid collides. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findPatternFault, toDefaultPattern, toFileKey, toFileName } from '../../../src/exports/pattern.ts';

const rate = 8000;

test.each([
  ['{type}/{id}/{yyyy}/{mm}/{dd}/{sid}.{format}', rate],
  ['{sid}.{format}', rate],
  ['console/lpt/com10/{sid}.{format}', rate],
  ['a-b=c/{dnis}-{sid}-{number_connected}.{format}', rate],
  ['{sid}-{sample_rate}.{format}', 44_100],
  [toDefaultPattern(44_100), 44_100],
])('%s at %i is good', (pattern, sampleRateHz) => {
  expect(findPatternFault({ pattern, sampleRateHz })).toBeNull();
});

test.each([
  ['', 'part'],
  ['{type}/{id}.{format}', '{sid}'],
  ['{sid}/{type}.{format}', '{sid}'],
  ['{dnis}{sid}.{format}', '{sid}'],
  ['{sid}{dnis}.{format}', '{sid}'],
  ['{dnis}_{sid}.{format}', '{sid}'],
  ['{sid}', '.{format}'],
  ['{sid}.wav', '.{format}'],
  ['/{sid}.{format}', 'part'],
  ['a//{sid}.{format}', 'part'],
  ['../{sid}.{format}', 'dot'],
  ['a/./{sid}.{format}', 'dot'],
  ['.{type}/{sid}.{format}', 'dot'],
  ['a\\{sid}.{format}', 'letters'],
  ['a b/{sid}.{format}', 'letters'],
  ['%2e%2e/{sid}.{format}', 'letters'],
  ['con/{sid}.{format}', 'Windows'],
  ['a/COM1.x/{sid}.{format}', 'Windows'],
  ['aux.{sid}.{format}', 'Windows'],
  ['{name}/{sid}.{format}', 'unknown'],
  ['{}/{sid}.{format}', 'unknown'],
  ['{sid}.{format', 'letters'],
  [`${'a'.repeat(300)}/{sid}.{format}`, '300'],
])('%s is refused', (pattern, word) => {
  expect(findPatternFault({ pattern, sampleRateHz: rate })).toContain(word);
});

test('another rate than the default has to be in the key', () => {
  expect(findPatternFault({ pattern: '{sid}.{format}', sampleRateHz: 44_100 })).toContain('{sample_rate}');
});

const row = { minutes: null, type: 'findme', id: '1' };
const text = fc.option(fc.string({ maxLength: 12 }), { nil: null });
const recording = fc.record({
  sid: fc.string({ minLength: 1 }),
  dnis: text,
  number_connected: text,
  date: text,
});

test.each([
  '{dnis}-{sid}-{number_connected}.{format}',
  'x/{sid}.{dnis}.{format}',
  '{yyyy}/{mm}-{sid}.{format}',
])('%s gives no two recordings one key, and none that leaves the prefix', (pattern) => {
  const form = { pattern, format: 'wav', sampleRateHz: rate } as const;
  fc.assert(
    fc.property(recording, recording, (one, other) => {
      const key = toFileKey({ ...row, ...one }, form);
      expect(key).toMatch(/^[\w~./=-]+$/);
      expect(key.split('/').filter((part) => part === '' || part.startsWith('.'))).toEqual([]);
      if (one.sid !== other.sid) expect(key).not.toBe(toFileKey({ ...row, ...other }, form));
    }),
  );
});

test.each([
  ['2019-02-20 20:42:11', '2019/02/20'],
  ['yesterday', 'unknown/unknown/unknown'],
  [null, 'unknown/unknown/unknown'],
])('the date %j is %s in a key', (date, folders) => {
  const form = { pattern: '{yyyy}/{mm}/{dd}/{sid}.{format}', format: 'mp3', sampleRateHz: rate } as const;
  const found = { ...row, sid: '0907', dnis: null, number_connected: null, date };
  expect(toFileKey(found, form)).toBe(`${folders}/0907.mp3`);
});

test.each([
  ['+1 (847) 555-1234', '18475551234'],
  ['../..', 'unknown'],
  ['', 'unknown'],
  [null, 'unknown'],
  ['7'.repeat(200), '7'.repeat(64)],
])('the number %j is %s in a key', (dnis, value) => {
  const form = { pattern: '{dnis}-{sid}.{format}', format: 'wav', sampleRateHz: rate } as const;
  const found = { ...row, sid: '0907', dnis, number_connected: null, date: null };
  expect(toFileKey(found, form)).toBe(`${value}-0907.wav`);
});

test('a pattern has at most 300 characters', () => {
  const long = '/{sid}.{format}'.padStart(300, 'a');
  expect(findPatternFault({ pattern: long, sampleRateHz: rate })).toBeNull();
  expect(findPatternFault({ pattern: `a${long}`, sampleRateHz: rate })).toContain('300');
});

test('a sid keeps its letters, and every other character is written in digits', () => {
  expect(toFileName('0907_a-B')).toBe('0907_a-B');
  expect(toFileName('../é~')).toBe('~2e~2e~2f~c3~a9~7e');
});
