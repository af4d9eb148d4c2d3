/** Puts the offset to a legacy wall-clock time, without asking the formatter once for every recording. */

const second = 1000;
const day = 86_400 * second;

/** The years in which a call can have been recorded; they also bound the cache, since dates are not ours to trust. */
const firstYear = 1970;
const lastYear = 2199;

/** A stretch of time with one offset from UTC. Times in milliseconds, as of Date. */
interface Span {
  /** The first moment that is no longer in it. */
  readonly end: number;
  readonly offset: number;
  /** As RFC 3339 writes it, or null where it does not go by whole minutes. */
  readonly suffix: string | null;
}

/** From `YYYY-MM-DD HH:MM:SS` to RFC 3339; null for what is no such time. */
export type RecordedAt = (date: string | null) => string | null;

/**
 * For an IANA zone or a fixed offset such as `-05:00`; without one every time is null. A time that the clocks show
 * twice is the first of both, one that they skip is null. Throws RangeError for a zone that does not exist.
 */
export function createRecordedAt(timeZone: string | null): RecordedAt {
  if (timeZone === null) return () => null;
  const offsetAt = createOffsetAt(timeZone);
  const years = new Map<number, readonly Span[]>();

  function spansOf(year: number): readonly Span[] {
    const known = years.get(year);
    if (known) return known;
    const spans = findSpans(year, offsetAt);
    years.set(year, spans);
    return spans;
  }

  return (date) => {
    if (date === null || !pattern.test(date)) return null;
    const year = toNumber(date, 0, 4);
    const time = toTime(date, year);
    if (time === null) return null;
    let start = Number.NEGATIVE_INFINITY;
    for (const { end, offset, suffix } of spansOf(year)) {
      const moment = time - offset;
      if (moment >= start && moment < end) return suffix && `${date.slice(0, 10)}T${date.slice(11)}${suffix}`;
      start = end;
    }
    return null;
  };
}

const pattern = /^\d{4}-\d\d-\d\d (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;

/** The time as if the clock stood at UTC, or null for a day that is not in the calendar. */
function toTime(date: string, year: number): number | null {
  const month = toNumber(date, 5, 7);
  const dayOfMonth = toNumber(date, 8, 10);
  if (year < firstYear || year > lastYear || dayOfMonth < 1 || dayOfMonth > daysIn(year, month)) return null;
  const minutes = toNumber(date, 11, 13) * 60 + toNumber(date, 14, 16);
  return Date.UTC(year, month - 1, dayOfMonth) + (minutes * 60 + toNumber(date, 17, 19)) * second;
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** None in a month that does not exist. */
function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (monthLengths[month - 1] ?? 0);
}

/** Of digits, without a string of its own for each. */
function toNumber(digits: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 10 + digits.charCodeAt(at) - 0x30;
  return value;
}

/** The spans that a wall clock can be in within a year, in order. */
function findSpans(year: number, offsetAt: (time: number) => number): readonly Span[] {
  const last = Date.UTC(year + 1, 0, 3);
  const spans: Span[] = [];
  let time = Date.UTC(year, 0, 1) - 2 * day;
  let offset = offsetAt(time);
  while (time < last) {
    // The two changes of any zone that lie closest are a week apart (Brazil's northeast in October 2000).
    const next = Math.min(time + 5 * day, last);
    const after = offsetAt(next);
    if (after !== offset) spans.push(toSpan(findChange(time, next, offsetAt), offset));
    time = next;
    offset = after;
  }
  spans.push(toSpan(Number.POSITIVE_INFINITY, offset));
  return spans;
}

/** The first second with another offset than `before` has, which is at or before `after`. */
function findChange(before: number, after: number, offsetAt: (time: number) => number): number {
  const offset = offsetAt(before);
  let low = before;
  let high = after;
  while (high - low > second) {
    const middle = low + Math.floor((high - low) / 2 / second) * second;
    if (offsetAt(middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}

function toSpan(end: number, offset: number): Span {
  return { end, offset, suffix: toSuffix(offset) };
}

function toSuffix(offset: number): string | null {
  const minutes = Math.abs(offset) / 60 / second;
  if (!Number.isInteger(minutes)) return null;
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

/** Milliseconds to add to UTC for the wall clock. */
function createOffsetAt(timeZone: string): (time: number) => number {
  const formatter = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return (time) => {
    const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(formatter.format(time));
    const [sign, hours, minutes, seconds] = match?.slice(1) ?? [];
    const total = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
    return (sign === '-' ? -total : total) * second;
  };
}
