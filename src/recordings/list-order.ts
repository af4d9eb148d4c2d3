/** Sorts a list by date, whatever the order of the legacy service. */
import type { LegacyRecording } from '../legacy/list/recording.ts';
import type { RecordBatches } from '../legacy/list/records.ts';

export const orders = ['asc', 'desc'] as const;
export type Order = (typeof orders)[number];

/** All of them are in memory at once, at about 400 bytes each. */
export const maxSorted = 200_000;

/** The list has more than `maxSorted` recordings. */
export class TooLongToSortError extends Error {
  override readonly name = 'TooLongToSortError';
}

const batchSize = 100;

/** Dates in another form than the documented one come last. Throws TooLongToSortError. */
export async function* sortList(list: RecordBatches, order: Order): RecordBatches {
  const recordings: LegacyRecording[] = [];
  let next = await list.next();
  for (; !next.done; next = await list.next()) {
    recordings.push(...next.value);
    if (recordings.length > maxSorted) {
      await list.return([]);
      throw new TooLongToSortError();
    }
  }
  const sign = order === 'asc' ? 1 : -1;
  // Stable: recordings with the same date keep the order of the legacy service.
  recordings.sort((a, b) => compare(toSortable(a.date), toSortable(b.date), sign));
  for (let at = 0; at < recordings.length; at += batchSize) yield recordings.slice(at, at + batchSize);
  return next.value;
}

function toSortable(date: string | null): string | null {
  return date !== null && /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(date) ? date : null;
}

function compare(a: string | null, b: string | null, sign: 1 | -1): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -sign : sign;
}
