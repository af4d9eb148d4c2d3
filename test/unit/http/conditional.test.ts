/** Conditional requests, `If-Range` and HTTP dates, by RFC 9110. */
import { describe, expect, it } from 'vitest';
import { evaluateConditions, rangeApplies, type Validators } from '../../../src/http/conditional.ts';
import { parseHttpDate } from '../../../src/http/date.ts';

const modified = new Date('2024-02-20T20:42:11.500Z');
const same = 'Tue, 20 Feb 2024 20:42:11 GMT';
const before = 'Tue, 20 Feb 2024 20:42:10 GMT';
const after = 'Tue, 20 Feb 2024 20:42:12 GMT';

const strong = { etag: '"a"', lastModified: modified };
const weak = { etag: 'W/"a"', lastModified: modified };
const unknown = { etag: null, lastModified: null };
const dated = { etag: null, lastModified: modified };

type Row = [string, Record<string, string>, Validators, ReturnType<typeof evaluateConditions>];

describe('a conditional GET', () => {
  it.each<Row>([
    ['no condition', {}, strong, 'proceed'],

    ['If-Match: * of an existing representation', { 'If-Match': '*' }, unknown, 'proceed'],
    ['If-Match, the same', { 'If-Match': '"a"' }, strong, 'proceed'],
    ['If-Match, one of a list', { 'If-Match': '"b", , W/"a" ,"a"' }, strong, 'proceed'],
    ['If-Match, another', { 'If-Match': '"b"' }, strong, 'precondition-failed'],
    ['If-Match, weak', { 'If-Match': 'W/"a"' }, strong, 'precondition-failed'],
    ['If-Match against a weak tag', { 'If-Match': '"a"' }, weak, 'precondition-failed'],
    ['If-Match, weak against the same weak tag', { 'If-Match': 'W/"a"' }, weak, 'precondition-failed'],
    ['If-Match without a known tag', { 'If-Match': '"a"' }, unknown, 'precondition-failed'],
    ['If-Match, malformed', { 'If-Match': 'a' }, strong, 'precondition-failed'],
    ['If-Match, malformed in part', { 'If-Match': '"a", b' }, strong, 'precondition-failed'],
    ['If-Match, empty', { 'If-Match': '' }, strong, 'precondition-failed'],

    ['If-Unmodified-Since, later', { 'If-Unmodified-Since': after }, strong, 'proceed'],
    ['If-Unmodified-Since, the same', { 'If-Unmodified-Since': same }, strong, 'proceed'],
    ['If-Unmodified-Since, earlier', { 'If-Unmodified-Since': before }, strong, 'precondition-failed'],
    ['If-Unmodified-Since, invalid date', { 'If-Unmodified-Since': 'yesterday' }, strong, 'proceed'],
    ['If-Unmodified-Since, unknown date', { 'If-Unmodified-Since': before }, unknown, 'proceed'],

    ['If-None-Match: * of an existing representation', { 'If-None-Match': '*' }, unknown, 'not-modified'],
    ['If-None-Match, the same', { 'If-None-Match': '"a"' }, strong, 'not-modified'],
    ['If-None-Match, weak', { 'If-None-Match': 'W/"a"' }, strong, 'not-modified'],
    ['If-None-Match against a weak tag', { 'If-None-Match': '"a"' }, weak, 'not-modified'],
    ['If-None-Match, one of a list', { 'If-None-Match': '"b","c,d","a"' }, strong, 'not-modified'],
    ['If-None-Match, another', { 'If-None-Match': '"b"' }, strong, 'proceed'],
    [
      'If-None-Match, part of a tag with a comma',
      { 'If-None-Match': '"b,"' },
      { ...strong, etag: '"b"' },
      'proceed',
    ],
    ['If-None-Match in another case', { 'If-None-Match': '"A"' }, strong, 'proceed'],
    ['If-None-Match, a lower-case w/', { 'If-None-Match': 'w/"a"' }, strong, 'proceed'],
    ['If-None-Match, no known tag', { 'If-None-Match': '"a"' }, unknown, 'proceed'],
    ['If-None-Match, malformed', { 'If-None-Match': 'a' }, strong, 'proceed'],

    ['If-Modified-Since, later', { 'If-Modified-Since': after }, strong, 'not-modified'],
    ['If-Modified-Since, the same', { 'If-Modified-Since': same }, dated, 'not-modified'],
    ['If-Modified-Since, earlier', { 'If-Modified-Since': before }, strong, 'proceed'],
    ['If-Modified-Since, invalid date', { 'If-Modified-Since': '2024-02-20' }, strong, 'proceed'],
    ['If-Modified-Since, unknown date', { 'If-Modified-Since': after }, unknown, 'proceed'],

    // The precedence of section 13.2.2.
    [
      'If-Match over If-Unmodified-Since',
      { 'If-Match': '"a"', 'If-Unmodified-Since': before },
      strong,
      'proceed',
    ],
    [
      'If-None-Match over If-Modified-Since',
      { 'If-None-Match': '"b"', 'If-Modified-Since': after },
      strong,
      'proceed',
    ],
    [
      'If-Match before If-None-Match',
      { 'If-Match': '"b"', 'If-None-Match': '"a"' },
      strong,
      'precondition-failed',
    ],
    [
      'If-Match and If-None-Match, both true',
      { 'If-Match': '"a"', 'If-None-Match': '"a"' },
      strong,
      'not-modified',
    ],
    [
      'If-Unmodified-Since before If-None-Match',
      { 'If-Unmodified-Since': before, 'If-None-Match': '"a"' },
      strong,
      'precondition-failed',
    ],
    [
      'If-Unmodified-Since, then If-Modified-Since',
      { 'If-Unmodified-Since': same, 'If-Modified-Since': same },
      strong,
      'not-modified',
    ],
  ])('%s', (_what, headers, validators, verdict) => {
    expect(evaluateConditions(new Headers(headers), validators, 'GET')).toBe(verdict);
    expect(evaluateConditions(new Headers(headers), validators, 'HEAD')).toBe(verdict);
  });
});

describe('a conditional request with another method', () => {
  it.each<Row>([
    [
      'If-None-Match fails where a GET is not modified',
      { 'If-None-Match': '*' },
      unknown,
      'precondition-failed',
    ],
    ['If-Modified-Since is ignored', { 'If-Modified-Since': after }, strong, 'proceed'],
    ['If-Match applies', { 'If-Match': '"b"' }, strong, 'precondition-failed'],
  ])('%s', (_what, headers, validators, verdict) => {
    expect(evaluateConditions(new Headers(headers), validators, 'DELETE')).toBe(verdict);
  });
});

describe('a range', () => {
  it.each<[string, Record<string, string>, Validators, boolean]>([
    ['applies without If-Range', {}, unknown, true],
    ['applies with the same strong tag', { 'If-Range': '"a"' }, strong, true],
    ['does not with another tag', { 'If-Range': '"b"' }, strong, false],
    ['does not with a weak tag', { 'If-Range': 'W/"a"' }, strong, false],
    ['does not against a weak tag', { 'If-Range': '"a"' }, weak, false],
    ['does not with a weak tag against itself', { 'If-Range': 'W/"a"' }, weak, false],
    ['does not without a known tag', { 'If-Range': '"a"' }, unknown, false],
    ['does not with a list of tags', { 'If-Range': '"a", "b"' }, strong, false],
    ['does not with *', { 'If-Range': '*' }, strong, false],
    ['does not with an empty If-Range', { 'If-Range': '' }, unknown, false],
    ['applies with the exact date', { 'If-Range': same }, strong, true],
    ['does not with a later date', { 'If-Range': after }, strong, false],
    ['does not with an earlier date', { 'If-Range': before }, strong, false],
    ['does not with the date beside a weak tag', { 'If-Range': same }, weak, false],
    ['does not with the date alone, which is weak', { 'If-Range': same }, dated, false],
    ['does not with other text', { 'If-Range': 'a' }, strong, false],
  ])('%s', (_what, headers, validators, applies) => {
    expect(rangeApplies(new Headers(headers), validators, 'GET')).toBe(applies);
  });

  it.each(['HEAD', 'POST', 'DELETE'])('never applies with %s', (method) => {
    expect(rangeApplies(new Headers(), strong, method)).toBe(false);
  });
});

describe('an HTTP date', () => {
  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
    ['Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
    ['Sun Nov  6 08:49:37 1994', '1994-11-06T08:49:37.000Z'],
    ['Wed Nov 16 08:49:37 1994', '1994-11-16T08:49:37.000Z'],
    ['Thu, 29 Feb 2024 23:59:59 GMT', '2024-02-29T23:59:59.000Z'],
    ['Sat, 31 Dec 2016 23:59:60 GMT', '2017-01-01T00:00:00.000Z'],
    ['Saturday, 01-Jan-00 00:00:00 GMT', '2000-01-01T00:00:00.000Z'],
    ['Mon, 01 Jan 0001 00:00:00 GMT', '0001-01-01T00:00:00.000Z'],
  ])('%s is read', (text, iso) => {
    expect(parseHttpDate(text)?.toISOString()).toBe(iso);
  });

  it.each([
    ['an empty text', ''],
    ['another zone', 'Sun, 06 Nov 1994 08:49:37 +0000'],
    ['no zone', 'Sun, 06 Nov 1994 08:49:37'],
    ['a day that does not exist', 'Thu, 30 Feb 2023 08:49:37 GMT'],
    ['day zero', 'Thu, 00 Feb 2023 08:49:37 GMT'],
    ['hour 24', 'Sun, 06 Nov 1994 24:00:00 GMT'],
    ['minute 60', 'Sun, 06 Nov 1994 08:60:00 GMT'],
    ['one digit of the day', 'Sun, 6 Nov 1994 08:49:37 GMT'],
    ['another case', 'sun, 06 nov 1994 08:49:37 gmt'],
    ['a month in another language', 'Sun, 06 Okt 1994 08:49:37 GMT'],
    ['ISO 8601', '1994-11-06T08:49:37Z'],
    ['two dates', 'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT'],
    ['trailing text', 'Sun Nov  6 08:49:37 1994 GMT'],
  ])('%s is invalid', (_what, text) => {
    expect(parseHttpDate(text)).toBeNull();
  });

  it('with a two-digit year is at most 50 years ahead', () => {
    const years = Array.from({ length: 100 }, (_, year) => {
      const text = `Sunday, 06-Nov-${String(year).padStart(2, '0')} 08:49:37 GMT`;
      return parseHttpDate(text)?.getUTCFullYear() ?? 0;
    });
    const now = new Date().getUTCFullYear();
    expect(Math.max(...years)).toBe(now + 50);
    expect(Math.min(...years)).toBe(now - 49);
  });
});
