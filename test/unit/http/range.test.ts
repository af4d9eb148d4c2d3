/** The `Range` header, for bodies of known and unknown length. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ByteRange,
  parseRange,
  resolveRange,
  toContentRange,
  toRangeHeader,
  toUnsatisfiedRange,
} from '../../../src/http/range.ts';

const infinite = Number.POSITIVE_INFINITY;
const digits = '9'.repeat(400);

describe('a Range for the legacy service', () => {
  it.each([
    ['bytes=0-1', 'bytes=0-1'],
    ['Bytes=007-0010', 'bytes=7-10'],
    ['bytes=500-', 'bytes=500-'],
    ['bytes=-500', 'bytes=-500'],
    ['bytes=0-999999999999999999999999', 'bytes=0-9007199254740991'],
    [`bytes=0-${digits}`, 'bytes=0-'],
    [`bytes=${digits}-`, 'bytes=9007199254740991-'],
    [`bytes=-${digits}`, 'bytes=-9007199254740991'],
  ])('%s is sent as %s', (header, sent) => {
    const spec = parseRange(header);
    expect(spec && toRangeHeader(spec)).toBe(sent);
  });
});

describe('a Range', () => {
  it.each([
    ['bytes=0-1', { first: 0, last: 1 }],
    ['bytes=5-5', { first: 5, last: 5 }],
    ['bytes=007-0010', { first: 7, last: 10 }],
    ['bytes=500-', { first: 500, last: infinite }],
    ['bytes=-500', { suffix: 500 }],
    ['bytes=-0', { suffix: 0 }],
    ['Bytes=0-1', { first: 0, last: 1 }],
    ['BYTES=0-1', { first: 0, last: 1 }],
    ['bytes=,0-1', { first: 0, last: 1 }],
    ['bytes=0-1,', { first: 0, last: 1 }],
    ['bytes=, ,\t,  0-1 , ,', { first: 0, last: 1 }],
    [`bytes=0-${digits}`, { first: 0, last: infinite }],
    [`bytes=${digits}-${digits}`, { first: infinite, last: infinite }],
    [`bytes=-${digits}`, { suffix: infinite }],
  ])('%s is read', (header, spec) => {
    expect(parseRange(header)).toEqual(spec);
  });

  it.each([
    ['absent', null],
    ['absent from a request', undefined],
    ['empty', ''],
    ['without a set', 'bytes'],
    ['with an empty set', 'bytes='],
    ['with a set of commas only', 'bytes=, ,'],
    ['with neither end', 'bytes=-'],
    ['reversed', 'bytes=2-1'],
    ['reversed and huge', `bytes=${digits}-1`],
    ['of another unit', 'items=0-1'],
    ['of a unit that only starts like bytes', 'bytesx=0-1'],
    ['with white space after the unit', 'bytes =0-1'],
    ['with white space before the first range', 'bytes= 0-1'],
    ['with white space inside a range', 'bytes=0 - 1'],
    ['negative', 'bytes=--1'],
    ['signed', 'bytes=+0-1'],
    ['fractional', 'bytes=0.5-1'],
    ['exponential', 'bytes=1e1-99'],
    ['hexadecimal', 'bytes=0x0-0x1'],
    ['in digits of another script', 'bytes=٠-١'],
    ['in words', 'bytes=a-b'],
    ['with a third position', 'bytes=0-1-2'],
    ['with trailing text', 'bytes=0-1;x'],
    ['on a second line', 'bytes=0-1\nbytes=0-1'],
    ['sent twice, as two header lines', 'bytes=0-1, bytes=2-3'],
    ['of two ranges', 'bytes=0-1,4-5'],
    ['of two ranges of which one is malformed', 'bytes=0-1,x'],
    ['of thousands of ranges', `bytes=${'0-1,'.repeat(50_000)}2-3`],
    ['of thousands of empty elements', `bytes=${', '.repeat(50_000)}x`],
    ['of a mass of white space', `bytes=0-1${' '.repeat(50_000)}x`],
    ['of a million digits', `bytes=${'1'.repeat(1_000_000)}`],
  ])('%s is ignored', (_how, header) => {
    expect(parseRange(header)).toBeNull();
  });

  it('never throws, and returns ordered positions', () => {
    const almost = fc
      .array(fc.constantFrom('bytes', '=', '-', ',', ' ', '0', '17', '99999999999999999999', 'x'), {
        maxLength: 8,
      })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string(), almost), (header) => {
        const spec = parseRange(header);
        if (spec && 'first' in spec) expect(spec.first).toBeLessThanOrEqual(spec.last);
      }),
    );
  });
});

describe('a range of a known length', () => {
  it.each([
    ['bytes=0-1', 10, { start: 0, end: 2 }],
    ['bytes=0-', 10, { start: 0, end: 10 }],
    ['bytes=9-', 10, { start: 9, end: 10 }],
    ['bytes=9-9', 10, { start: 9, end: 10 }],
    ['bytes=4-99', 10, { start: 4, end: 10 }],
    [`bytes=4-${digits}`, 10, { start: 4, end: 10 }],
    ['bytes=-1', 10, { start: 9, end: 10 }],
    ['bytes=-10', 10, { start: 0, end: 10 }],
    ['bytes=-11', 10, { start: 0, end: 10 }],
    [`bytes=-${digits}`, 10, { start: 0, end: 10 }],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=10-20', 10, 'unsatisfiable'],
    [`bytes=${digits}-`, 10, 'unsatisfiable'],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=-0', 0, 'unsatisfiable'],
    ['bytes=-5', 0, null],
    ['bytes=9007199254740991-', 9007199254740991, 'unsatisfiable'],
    ['bytes=9007199254740990-', 9007199254740991, { start: 9007199254740990, end: 9007199254740991 }],
  ])('%s of %i bytes', (header, length, range) => {
    expect(resolve(header, { length })).toEqual(range);
  });

  it('is the slice between its positions', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(400), fc.nat(400), (length, a, b) => {
        const [first, last] = a < b ? [a, b] : [b, a];
        const whole = Uint8Array.from({ length }, (_, index) => index & 255);
        const cut = (header: string) => {
          const range = resolve(header, { length });
          return range === 'unsatisfiable' || range === null ? null : whole.slice(range.start, range.end);
        };
        expect(cut(`bytes=${first}-${last}`)).toEqual(first < length ? whole.slice(first, last + 1) : null);
        expect(cut(`bytes=${first}-`)).toEqual(first < length ? whole.slice(first) : null);
        expect(cut(`bytes=-${first}`)).toEqual(first > 0 && length > 0 ? whole.slice(-first) : null);
      }),
    );
  });
});

describe('a range of an unknown length', () => {
  it.each([
    ['bytes=0-1', 2, { start: 0, end: 2 }],
    ['bytes=3-9', 10, { start: 3, end: 10 }],
    ['bytes=0-2', 2, null],
    ['bytes=0-', 1000, null],
    ['bytes=-1', 1000, null],
    ['bytes=-0', 1000, null],
    ['bytes=2000-', 1000, null],
  ])('%s with %i bytes seen is cut only if it was seen completely', (header, atLeast, range) => {
    expect(resolve(header, { atLeast })).toEqual(range);
  });
});

describe('Content-Range', () => {
  it.each([
    [toContentRange({ start: 0, end: 2 }, 10), 'bytes 0-1/10'],
    [toContentRange({ start: 9, end: 10 }, 10), 'bytes 9-9/10'],
    [toContentRange({ start: 0, end: 2 }, null), 'bytes 0-1/*'],
    [toUnsatisfiedRange(10), 'bytes */10'],
    [toUnsatisfiedRange(0), 'bytes */0'],
  ])('is written %s', (written, expected) => {
    expect(written).toBe(expected);
  });
});

function resolve(
  header: string,
  extent: Parameters<typeof resolveRange>[1],
): ByteRange | 'unsatisfiable' | null {
  const spec = parseRange(header);
  if (!spec) throw new Error(`${header} is no range`);
  return resolveRange(spec, extent);
}
