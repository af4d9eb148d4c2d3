/** The list on screen: what was asked for, the page that came, and the way back to the pages before. */
import { signal } from '@preact/signals';
import { type ListRecordingsData, listRecordings, type Recording } from '../../dist/client/index.ts';
import { client, settle } from './gateway.ts';
import type { Trouble } from './trouble.ts';

export type RecordingType = ListRecordingsData['query']['type'];

/** With what the gateway's list takes, as it stands in the form and in the address. */
export interface Query {
  readonly type: RecordingType;
  readonly id: string;
  /** Days as YYYY-MM-DD, or empty. */
  readonly from: string;
  readonly to: string;
}

export const recordingTypes: readonly RecordingType[] = [
  'findme',
  'locator',
  'recorded_calls',
  'recorded_call',
  'survey',
  'queue',
  'powerdialer',
  'user_recordings',
];

const pageSize = 25;

export interface Page {
  readonly query: Query;
  readonly recordings: readonly Recording[];
  readonly nextCursor: string | null;
  /** Of this page and those before it; the first has none. */
  readonly cursors: readonly (string | null)[];
}

export const page = signal<Page | null>(null);
export const isLoading = signal(false);
export const listTrouble = signal<Trouble | null>(null);

let running = new AbortController();

export function showFirst(query: Query): Promise<void> {
  return load(query, [null]);
}

export function showNext({ query, nextCursor, cursors }: Page): Promise<void> {
  return load(query, [...cursors, nextCursor]);
}

export function showPrevious({ query, cursors }: Page): Promise<void> {
  return load(query, cursors.slice(0, -1));
}

export async function reload(): Promise<void> {
  if (page.value) await load(page.value.query, page.value.cursors);
}

export function forget(): void {
  running.abort();
  page.value = null;
  listTrouble.value = null;
  isLoading.value = false;
}

/** Takes it off the page at once; what else there is comes with the next load. */
export function dropFromPage(sid: string): void {
  const shown = page.value;
  if (shown)
    page.value = { ...shown, recordings: shown.recordings.filter((recording) => recording.sid !== sid) };
}

async function load(query: Query, cursors: Page['cursors']): Promise<void> {
  running.abort();
  const mine = new AbortController();
  running = mine;
  isLoading.value = true;
  const { type, id, from, to } = query;
  const cursor = cursors.at(-1);
  try {
    const { data, trouble } = await settle(
      listRecordings({
        client,
        signal: mine.signal,
        query: {
          type,
          id: id as never,
          limit: pageSize,
          ...(from && { from }),
          ...(to && { to }),
          ...(cursor && { cursor }),
        },
      }),
    );
    listTrouble.value = trouble;
    if (data && typeof data === 'object' && 'recordings' in data) {
      page.value = { query, recordings: data.recordings, nextCursor: data.next_cursor, cursors };
    } else {
      page.value = null;
    }
    isLoading.value = false;
  } catch (error) {
    // Another list was asked for meanwhile, and has taken over.
    if (mine === running) throw error;
  }
}
