/** Adds the UTC offset to the legacy service's wall-clock times, without calling the formatter for every recording. */

const second = 1000;
const day = 86_400 * second;

/** Plausible years of a recording. They also bound the cache, since the dates are untrusted. */
const firstYear = 1970;
const lastYear = 2199;

/** A period with one offset from UTC. Times in milliseconds, as Date uses them. */
interface Span {
  /** The first moment after the period. */
  readonly end: number;
  readonly offset: number;
  /** In RFC 3339 form, or null for an offset with seconds. */
  readonly suffix: string | null;
}

interface Year {
  /** Start of each month, and the end of the last one, as if the clock were at UTC. */
  readonly months: readonly number[];
  readonly spans: readonly Span[];
}

/** Converts `YYYY-MM-DD HH:MM:SS` to RFC 3339; null for any other text. */
export type RecordedAt = (date: string | null) => string | null;

/**
 * For an IANA zone or a fixed offset such as `-05:00`; without one every time is null. A time that occurs twice is
 * the first of the two, and a skipped time is null. Throws RangeError for an unknown zone.
 */
export function createRecordedAt(timeZone: string | null): RecordedAt {
  if (timeZone === null) return () => null;
  const offsetAt = createOffsetAt(timeZone);
  const years: (Year | undefined)[] = [];

  function yearOf(date: string): Year | null {
    const year = digits(date, 0) * 100 + digits(date, 2);
    if (year < firstYear || year > lastYear) return null;
    years[year - firstYear] ??= { months: findMonths(year), spans: findSpans(year, offsetAt) };
    return years[year - firstYear] ?? null;
  }

  return (date) => {
    if (date === null || !isShaped(date)) return null;
    const year = yearOf(date);
    const time = year && toTime(date, year.months);
    if (!year || time === null) return null;
    let start = Number.NEGATIVE_INFINITY;
    for (const { end, offset, suffix } of year.spans) {
      const moment = time - offset;
      if (moment >= start && moment < end) return suffix && `${date.slice(0, 10)}T${date.slice(11)}${suffix}`;
      start = end;
    }
    return null;
  };
}

/** Whether the separators are in place. Reads character codes, because it runs for every recording of a list. */
function isShaped(date: string): boolean {
  return (
    date.length === 19 &&
    date.charCodeAt(4) === 0x2d &&
    date.charCodeAt(7) === 0x2d &&
    date.charCodeAt(10) === 0x20 &&
    date.charCodeAt(13) === 0x3a &&
    date.charCodeAt(16) === 0x3a
  );
}

/** The number of two digits; negative if they are not digits. */
function digits(date: string, at: number): number {
  const tens = date.charCodeAt(at) - 0x30;
  const ones = date.charCodeAt(at + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -10_000;
}

/** The time as if the clock were at UTC, or null for a date that does not exist. */
function toTime(date: string, months: readonly number[]): number | null {
  const month = digits(date, 5);
  const dayOfMonth = digits(date, 8);
  const hours = digits(date, 11);
  const minutes = digits(date, 14);
  const seconds = digits(date, 17);
  const isClock = hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && seconds >= 0 && seconds < 60;
  const start = months[month - 1];
  const end = months[month];
  if (!isClock || start === undefined || end === undefined || dayOfMonth < 1) return null;
  const midnight = start + (dayOfMonth - 1) * day;
  return midnight < end ? midnight + (hours * 3600 + minutes * 60 + seconds) * second : null;
}

function findMonths(year: number): readonly number[] {
  return Array.from({ length: 13 }, (_, month) => Date.UTC(year, month, 1));
}

/** The periods that a wall clock can be in within a year, in order. */
function findSpans(year: number, offsetAt: (time: number) => number): readonly Span[] {
  const last = Date.UTC(year + 1, 0, 3);
  const spans: Span[] = [];
  let time = Date.UTC(year, 0, 1) - 2 * day;
  let offset = offsetAt(time);
  while (time < last) {
    // The two closest changes of any zone are a week apart (Brazil's northeast in October 2000).
    const next = Math.min(time + 5 * day, last);
    const after = offsetAt(next);
    if (after !== offset) spans.push(toSpan(findChange(time, next, offsetAt), offset));
    time = next;
    offset = after;
  }
  spans.push(toSpan(Number.POSITIVE_INFINITY, offset));
  return spans;
}

/** The first second with another offset than at `before`; `after` is its latest possible value. */
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
