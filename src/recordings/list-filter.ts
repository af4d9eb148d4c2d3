/** The filters of a list: days, a number, and the length of a call. */
import { toSeconds } from './recording.ts';

export interface ListFilter {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly number?: string | undefined;
  readonly min_seconds?: number | undefined;
  readonly max_seconds?: number | undefined;
}

/** The fields that a filter reads, from the legacy service or from a snapshot. */
interface Filterable {
  readonly dnis: string | null;
  readonly number_connected: string | null;
  readonly minutes: string | number | null;
  readonly date: string | null;
}

/** Null without a filter. */
export type IsWanted = ((recording: Filterable) => boolean) | null;

/** Drops recordings without the value that a filter compares. */
export function createListFilter(filter: ListFilter): IsWanted {
  const tests = [
    createDateFilter(filter),
    createNumberFilter(filter.number),
    createLengthFilter(filter),
  ].filter((test) => test !== null);
  if (tests.length === 0) return null;
  return (recording) => tests.every((test) => test(recording));
}

/** By day, inclusive, on the legacy service's clock. */
function createDateFilter({ from, to }: ListFilter): IsWanted {
  if (from === undefined && to === undefined) return null;
  return ({ date }) => {
    const day = /^\d{4}-\d{2}-\d{2}/.exec(date ?? '')?.[0];
    return day !== undefined && day >= (from ?? day) && day <= (to ?? day);
  };
}

function createNumberFilter(number: string | undefined): IsWanted {
  if (number === undefined) return null;
  const wanted = toDigits(number);
  return ({ dnis, number_connected }) =>
    [dnis, number_connected].some((text) => text !== null && toDigits(text) === wanted);
}

/** Without punctuation and the country code of North America, whose numbers have ten digits. */
function toDigits(number: string): string {
  const digits = number.replaceAll(/\D/g, '');
  return digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits;
}

function createLengthFilter({ min_seconds: min, max_seconds: max }: ListFilter): IsWanted {
  if (min === undefined && max === undefined) return null;
  return ({ minutes }) => {
    const seconds = toSeconds(minutes);
    return seconds !== null && seconds >= (min ?? 0) && seconds <= (max ?? seconds);
  };
}
