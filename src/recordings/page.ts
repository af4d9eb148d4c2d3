/** Reads one page of a list that always arrives whole, and may have changed since the previous page. */
import type { ListWarning } from '../legacy/list/list-warning.ts';

/** The end of a page. */
export interface Position {
  /**
   * The last sids of the pages so far, oldest first. Several, since the last recording may be removed before the next
   * page is requested.
   */
  readonly anchors: readonly string[];
  /** Date of the last recording, as the legacy service wrote it; used if all anchors are gone. */
  readonly date: string | null;
  /**
   * Date of the following recording. Together with `date` it tells the list's direction, even if both are removed
   * later.
   */
  readonly nextDate: string | null;
  /** The number of recordings on the pages so far. It tells the places of a sid apart that the list has several times. */
  readonly passed: number;
}

/** The part of a recording that a page reads. */
export interface Listed {
  readonly sid: string;
  readonly date: string | null;
  /** About this recording and the text before it; absent without warnings. */
  readonly warnings?: readonly ListWarning[] | undefined;
}

/** Yields batches of a list, and returns the warnings about text after the last recording. */
export type ListedBatches<Recording extends Listed> = AsyncGenerator<
  readonly Recording[],
  readonly ListWarning[]
>;

export interface PageOptions<Recording extends Listed> {
  readonly limit: number;
  /** Null for the first page. */
  readonly after: Position | null;
  /** Whether the batches start after `after`, so that it need not be searched for. */
  readonly startsThere?: boolean;
  readonly isWanted: (recording: Recording) => boolean;
}

export interface Page<Recording extends Listed> {
  readonly recordings: readonly Recording[];
  /** The first recording of the next page; null if `next` is. */
  readonly following: Recording | null;
  /** Null if the list ends with this page. */
  readonly next: Position | null;
  /** Repairs and omissions between the page's first and last recording. */
  readonly warnings: readonly ListWarning[];
}

/** The list no longer contains any trace of the position, so the client must start again. */
export class LostPositionError extends Error {
  override readonly name = 'LostPositionError';
}

const maxAnchors = 16;

/** Reads no further than necessary, and holds at most two pages, however long the list is. Throws LostPositionError. */
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
  const startsAt = search?.startsAt ?? after?.passed ?? 0;
  const last = next.done && found.length <= limit ? next.value : [];
  const warnings = [...passed, ...recordings.flatMap((recording) => recording.warnings ?? []), ...last];
  const following = found[limit] ?? null;
  return { recordings, following, next: following && toPosition(found, options, startsAt), warnings };
}

/** A filter hides a recording, but not the omissions before it. */
function withoutSid({ warnings = [] }: Listed): readonly ListWarning[] {
  return warnings.filter(({ sid }) => sid === null);
}

/** The position after a page that was read together with the recording that follows it. */
function toPosition<Recording extends Listed>(
  found: readonly Recording[],
  { limit, after }: PageOptions<Recording>,
  startsAt: number,
): Position {
  const sids = found.slice(Math.max(0, limit - maxAnchors), limit).map(({ sid }) => sid);
  return {
    anchors: [...(after?.anchors ?? []), ...sids].slice(-maxAnchors),
    date: found[limit - 1]?.date ?? null,
    nextDate: found[limit]?.date ?? null,
    passed: startsAt + limit,
  };
}

interface Search<Recording extends Listed> {
  /** The last anchor was found, so the following recordings are new to the client. */
  readonly isOver: boolean;
  /** The number of recordings before the page. */
  readonly startsAt: number;
  look(recording: Recording, isWanted: boolean): void;
  /**
   * For a list without the last anchor at or after its place: the recordings after the last remaining anchor, or those
   * selected by date.
   */
  settle(): Recording[];
}

function createSearch<Recording extends Listed>(position: Position, limit: number): Search<Recording> {
  const { anchors, passed } = position;
  const last = anchors.at(-1);
  const known = new Set(anchors);
  const byDate = createDateSearch<Recording>(position, limit);
  let afterAnchor: Recording[] | null = null;
  let startsAt = passed;
  let wanted = 0;
  let hasLast = false;
  let isOver = false;

  /**
   * Of several places of the last anchor, the nearest to the one that it had. A place before that is not final, or a walk
   * of a list with a repeated sid would go back and never end.
   */
  function isAnchor(sid: string): boolean {
    if (sid !== last) return !hasLast && known.has(sid);
    return !hasLast || Math.abs(wanted - passed) <= Math.abs(startsAt - passed);
  }

  return {
    get isOver() {
      return isOver;
    },
    get startsAt() {
      return startsAt;
    },
    look(recording, isWanted) {
      const { sid } = recording;
      if (isWanted) wanted += 1;
      if (isAnchor(sid)) {
        afterAnchor = [];
        startsAt = wanted;
        hasLast = sid === last;
        isOver = hasLast && wanted >= passed;
      } else if (!afterAnchor) byDate.look(recording, isWanted);
      else if (isWanted && afterAnchor.length <= limit) afterAnchor.push(recording);
    },
    settle: () => afterAnchor ?? byDate.settle(),
  };
}

/** A date of this form sorts as text; no other form has an order. */
const sortable = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

/** Works for lists sorted by date, in either direction; in others, a date tells no position. */
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

  /** Compares consecutive dates of the list; `from` is null for the first one. */
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
      // A recording with the last date that is not an anchor is new, since the anchors are the latest recordings sent.
      if (recording.date <= date && older.length <= limit) older.push(recording);
      if (recording.date >= date && newer.length <= limit) newer.push(recording);
    },
    settle() {
      // If all recordings share one date, and it is not the position's, the list's direction is unknown.
      const isClear = rises !== falls || (!rises && older.length === newer.length);
      if (!isOrdered || !isClear) throw new LostPositionError();
      return rises ? newer : older;
    },
  };
}
