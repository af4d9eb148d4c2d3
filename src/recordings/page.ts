/** One page out of a list that only ever comes whole, and may have changed since the page before. */
import type { ListWarning } from '../legacy/list/list-warning.ts';

/** Where a page ended. */
export interface Position {
  /** The sids handed out last, oldest first: several, since the last one may be removed before the next page is asked for. */
  readonly anchors: readonly string[];
  /** Of the last recording, as the legacy wrote it: what is left to go by when all the anchors are gone. */
  readonly date: string | null;
  /** Of the recording that came next: with `date` it tells which way the list runs, whatever is left of it later. */
  readonly nextDate: string | null;
}

/** A recording as far as a page needs to know it. */
export interface Listed {
  readonly sid: string;
  readonly date: string | null;
  /** About this recording and what stands before it; absent where all was in order. */
  readonly warnings?: readonly ListWarning[] | undefined;
}

/** Batches of a list, and at the end the warnings about what stands behind the last recording. */
export type ListedBatches<Recording extends Listed> = AsyncGenerator<
  readonly Recording[],
  readonly ListWarning[]
>;

export interface PageOptions<Recording extends Listed> {
  readonly limit: number;
  /** Null for the first page. */
  readonly after: Position | null;
  /** Whether the batches begin behind `after`, so that it need not be searched for. */
  readonly startsThere?: boolean;
  readonly isWanted: (recording: Recording) => boolean;
}

export interface Page<Recording extends Listed> {
  readonly recordings: readonly Recording[];
  /** The first recording of the next page, null where `next` is. */
  readonly following: Recording | null;
  /** Null where the list ends with this page. */
  readonly next: Position | null;
  /** What was repaired or left out between the page's first and last recording. */
  readonly warnings: readonly ListWarning[];
}

/** The list no longer has what the position was told by; the walk has to start again. */
export class LostPositionError extends Error {
  override readonly name = 'LostPositionError';
}

const maxAnchors = 16;

/** Reads no further than it must. Holds at most two pages, however long the list is. Throws LostPositionError. */
export async function readPage<Recording extends Listed>(
  batches: ListedBatches<Recording>,
  options: PageOptions<Recording>,
): Promise<Page<Recording>> {
  const { limit, after, startsThere = false, isWanted } = options;
  const search = after && !startsThere ? createSearch<Recording>(after, limit) : null;
  const passed: ListWarning[] = [];
  let found: Recording[] = [];
  let next = await batches.next();
  reading: for (; !next.done; next = await batches.next()) {
    for (const recording of next.value) {
      if (search && !search.isOver) search.look(recording, isWanted(recording));
      else if (!isWanted(recording)) passed.push(...withoutSid(recording));
      else if (found.push(recording) > limit) break reading;
    }
  }
  if (!next.done) await batches.return([]);
  if (search && !search.isOver) found = search.settle();
  const recordings = found.slice(0, limit);
  const last = next.done && found.length <= limit ? next.value : [];
  const warnings = [...passed, ...recordings.flatMap((recording) => recording.warnings ?? []), ...last];
  const following = found[limit] ?? null;
  return { recordings, following, next: following && toPosition(found, options), warnings };
}

/** A filter hides a recording, but not what was left out before it. */
function withoutSid({ warnings = [] }: Listed): readonly ListWarning[] {
  return warnings.filter(({ sid }) => sid === null);
}

/** Of a page that was found with the recording that comes after it. */
function toPosition<Recording extends Listed>(
  found: readonly Recording[],
  { limit, after }: PageOptions<Recording>,
): Position {
  const sids = found.slice(0, limit).map(({ sid }) => sid);
  return {
    anchors: [...(after?.anchors ?? []), ...sids].slice(-maxAnchors),
    date: found[limit - 1]?.date ?? null,
    nextDate: found[limit]?.date ?? null,
  };
}

interface Search<Recording extends Listed> {
  /** The last anchor has been seen: what comes now is new to the caller. */
  readonly isOver: boolean;
  look(recording: Recording, isWanted: boolean): void;
  /** At the end of a list without the last anchor: what follows the last anchor that is left, or else the date. */
  settle(): Recording[];
}

function createSearch<Recording extends Listed>(position: Position, limit: number): Search<Recording> {
  const { anchors } = position;
  const last = anchors.at(-1);
  const known = new Set(anchors);
  const byDate = createDateSearch<Recording>(position, limit);
  let afterAnchor: Recording[] | null = null;
  let isOver = false;
  return {
    get isOver() {
      return isOver;
    },
    look(recording, isWanted) {
      isOver = recording.sid === last;
      if (known.has(recording.sid)) {
        afterAnchor = [];
        return;
      }
      if (!afterAnchor) byDate.look(recording, isWanted);
      else if (isWanted && afterAnchor.length <= limit) afterAnchor.push(recording);
    },
    settle: () => afterAnchor ?? byDate.settle(),
  };
}

/** A date of this form sorts as text; no other form has an order. */
const sortable = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

/** Works where the list is in the order of its dates, up or down; in any other, a date tells nothing of a place. */
function createDateSearch<Recording extends Listed>(
  { date, nextDate }: Position,
  limit: number,
): Pick<Search<Recording>, 'look' | 'settle'> {
  const older: Recording[] = [];
  const newer: Recording[] = [];
  let previous: string | null = null;
  let rises = false;
  let falls = false;
  let isOrdered = true;

  /** From one date of the list to the next; from none to the first. */
  function step(from: string | null, to: string | null): void {
    if (to === null || !sortable.test(to)) isOrdered = false;
    else if (from !== null) {
      rises ||= to > from;
      falls ||= to < from;
    }
  }

  step(null, date);
  step(date, nextDate);
  return {
    look(recording, isWanted) {
      step(previous, recording.date);
      previous = recording.date;
      if (!isWanted || date === null || recording.date === null) return;
      // What shares the last date and is no anchor was not handed out: the anchors are what was handed out last.
      if (recording.date <= date && older.length <= limit) older.push(recording);
      if (recording.date >= date && newer.length <= limit) newer.push(recording);
    },
    settle() {
      // Where everything bears one date and that is another one than the place's, nothing tells the list's direction.
      const isClear = rises !== falls || (!rises && older.length === newer.length);
      if (!isOrdered || !isClear) throw new LostPositionError();
      return rises ? newer : older;
    },
  };
}
