/** The list on screen: its query, the current page, and the cursors of the previous pages. */
import { signal } from '@preact/signals';
import type { Recording } from '../../clients/typescript/src/index.ts';
import type { ApiError } from './api-error.ts';
import { gateway, settle } from './gateway.ts';
import type { RecordingType } from './resource-types.ts';

/** The gateway's list parameters, as text in the form and in the address. */
export interface Query {
  readonly type: RecordingType;
  readonly id: string;
  /** Days as YYYY-MM-DD, or empty. */
  readonly from: string;
  readonly to: string;
}

const pageSize = 25;

interface Asked {
  readonly query: Query;
  /** Cursors of this page and the previous ones; the first page has none. */
  readonly cursors: readonly (string | null)[];
}

export interface Page extends Asked {
  readonly recordings: readonly Recording[];
  readonly nextCursor: string | null;
}

export const page = signal<Page | null>(null);
export const isLoading = signal(false);
export const listError = signal<ApiError | null>(null);

let running = new AbortController();
/** Kept after a failure, so that the same request can be repeated. */
let asked: Asked | null = null;

export function showFirst(query: Query): Promise<void> {
  return load({ query, cursors: [null] });
}

export function showNext({ query, nextCursor, cursors }: Page): Promise<void> {
  return load({ query, cursors: [...cursors, nextCursor] });
}

export function showPrevious({ query, cursors }: Asked): Promise<void> {
  return load({ query, cursors: cursors.slice(0, -1) });
}

export async function reload(): Promise<void> {
  if (asked) await load(asked);
}

/** Whether the query is that of the list on screen or of the one in flight. */
export function isAsked(query: Query): boolean {
  return JSON.stringify(asked?.query) === JSON.stringify(query);
}

export function forget(): void {
  running.abort();
  asked = null;
  page.value = null;
  listError.value = null;
  isLoading.value = false;
}

/** Removes it from the page at once. After the last one, the page is loaded again, since other pages may exist. */
export function dropFromPage(sid: string): void {
  const shown = page.value;
  if (!shown) return;
  const recordings = shown.recordings.filter((recording) => recording.sid !== sid);
  page.value = { ...shown, recordings };
  if (recordings.length === 0) void reload();
}

async function load(wanted: Asked): Promise<void> {
  running.abort();
  asked = wanted;
  const { query, cursors } = wanted;
  const mine = new AbortController();
  running = mine;
  isLoading.value = true;
  const { type, id, from, to } = query;
  const cursor = cursors.at(-1);
  try {
    // One page at a time, since its buttons turn the pages in both directions.
    const { data, error } = await settle(
      gateway().listRecordings(
        {
          type,
          id: id as never,
          limit: pageSize,
          ...(from && { from }),
          ...(to && { to }),
          ...(cursor && { cursor }),
        },
        { signal: mine.signal },
      ),
    );
    if (data?.recordings.length === 0 && cursors.length > 1) return await showPrevious(wanted);
    listError.value = error;
    page.value = data && { query, recordings: data.recordings, nextCursor: data.next_cursor, cursors };
    isLoading.value = false;
  } catch (error) {
    // Another list was requested meanwhile and has replaced this one.
    if (mine === running) throw error;
  }
}
