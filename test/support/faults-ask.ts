/** Calls each operation under a fault, and compares the response with the expected one. */
import { expect } from 'vitest';
import { ProblemSchema } from '../../src/openapi/schemas.ts';
import type { AccountKeys } from '../emulator/account.ts';
import type { ActionName } from '../emulator/actions/actions.ts';
import type { Emulator } from '../emulator/emulator.ts';
import { foreignText } from '../emulator/faults/encodings.ts';
import type { FaultName } from '../emulator/faults.ts';
import { sids } from '../emulator/seeds.ts';
import type { Cell, Operation, Outcome } from './faults-expected.ts';

/** Short, so that stalls end soon. In milliseconds. */
const shortDeadlines = {
  LEGACY_FIRST_BYTE_TIMEOUT_MS: '700',
  LEGACY_ANSWER_TIMEOUT_MS: '900',
  LEGACY_IDLE_TIMEOUT_MS: '300',
  LEGACY_UPLOAD_TIMEOUT_MS: '900',
  LEGACY_AUDIO_TIMEOUT_MS: '1000',
};

/** A busy machine may delay a response past a short deadline, so only faults that stall have them. */
export const deadlinesOf = (name: FaultName): Readonly<Record<string, string>> =>
  ['stall-before-answer', 'stall-midway', 'slow-trickle'].includes(name) ? shortDeadlines : {};

/** Longest time for a response: a deadline, a busy machine, and a second call. In milliseconds. */
const patience = 4000;

export const actionOf: Readonly<Record<Operation, ActionName>> = {
  list: 'recording.list',
  export: 'recording.list',
  audio: 'recording.download',
  delete: 'recording.remove',
  upload: 'recording.upload',
};

const json = { 'Content-Type': 'application/json' };
const upload = JSON.stringify({ type: 'findme', id: 7, path: '/path/to/audio.wav' });
const list = '/recordings?type=findme&id=1234';

export const requests: Readonly<Record<Operation, readonly [path: string, init: RequestInit]>> = {
  list: [list, {}],
  export: [list, { headers: { Accept: 'application/x-ndjson' } }],
  audio: [`/recordings/${sids.playable}/audio`, {}],
  delete: [`/recordings/${sids.playable}`, { method: 'DELETE' }],
  upload: ['/uploads', { method: 'POST', headers: json, body: upload }],
};

export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  readonly end: 'whole' | 'broken' | 'endless';
  /** In milliseconds. */
  readonly time: number;
}

export type Fetch = (path: string, init?: RequestInit) => Promise<Response>;

const enough = 2 * 1024 * 1024;

/** A connection that breaks before the headers counts as broken, with status 0. */
export async function see(fetch: Fetch, operation: Operation, account: AccountKeys): Promise<Seen> {
  const [path, init] = requests[operation];
  const started = performance.now();
  const headers = {
    ...init.headers,
    Authorization: `Basic ${btoa(`${account.accessKey}:${account.secretAccessKey}`)}`,
  };
  const response = await fetch(path, { ...init, headers }).catch(() => null);
  if (!response) {
    return {
      status: 0,
      headers: new Headers(),
      bytes: new Uint8Array(),
      end: 'broken',
      time: performance.now() - started,
    };
  }
  const body = await readBody(response);
  return { status: response.status, headers: response.headers, ...body, time: performance.now() - started };
}

export async function readBody({ body }: Response): Promise<Pick<Seen, 'bytes' | 'end'>> {
  const parts: BlobPart[] = [];
  let size = 0;
  let end: Seen['end'] = 'whole';
  const reader = body?.getReader();
  try {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      parts.push(next.value);
      size += next.value.length;
      if (size < enough) continue;
      end = 'endless';
      await reader?.cancel();
      break;
    }
  } catch {
    end = 'broken';
  }
  return { bytes: new Uint8Array(await new Blob(parts).arrayBuffer()), end };
}

interface Row {
  sid: string;
  number_connected: string | null;
}

/** The response to the same request from a healthy legacy service. */
export interface Right {
  readonly seen: Seen;
  readonly fault: FaultName;
  readonly operation: Operation;
}

/** The outcome, in words that can be compared with a Cell. */
export function toOutcome(seen: Seen, { seen: right, fault, operation }: Right): string {
  const { status, end, bytes, headers } = seen;
  // Also before the headers, which a platform may not have sent yet.
  if (end === 'broken') return status === 200 || status === 0 ? 'broken' : `broken after ${status}`;
  if (status >= 400) {
    const problem = ProblemSchema.strict().parse(JSON.parse(toText(bytes)));
    expect(headers.get('Content-Type')).toBe('application/problem+json');
    expect(problem.status).toBe(status);
    expect(problem.request_id).toBe(headers.get('X-Request-Id'));
    if (status === 429 || status === 503) expect(headers.get('Retry-After')).toMatch(/^\d+$/);
    return `${status} ${problem.type.replace('/problems/', '')}`;
  }
  if (end === 'endless') return 'endless';
  if (fault === 'endless-list') return isPage(bytes) ? 'endless' : 'a list with an end';
  if (status === right.status && equal(bytes, right.bytes)) return 'right';
  if (operation === 'audio') return toAudioOutcome(seen, right);
  if (operation === 'list' || operation === 'export') {
    const outcome = toListOutcome(toRows(seen, operation), toRows(right, operation), fault);
    return operation === 'list' ? withWarnings(outcome, seen) : outcome;
  }
  return `${status} ${toText(bytes)}`;
}

function toAudioOutcome({ bytes, headers }: Seen, right: Seen): string {
  const isDeclared = headers.get('Content-Length') === String(bytes.length);
  const isStart = isDeclared && equal(bytes, right.bytes.subarray(0, bytes.length));
  if (isStart && bytes.length === Math.floor(right.bytes.length / 2)) return 'declared';
  if (isDeclared && bytes.length === 44) return 'header-only';
  return `${bytes.length} bytes that ended cleanly`;
}

/** Warnings of a page. */
function withWarnings(outcome: string, { bytes }: Seen): string {
  const { warnings } = JSON.parse(toText(bytes));
  if (warnings === undefined) return outcome;
  expect(warnings).not.toEqual([]);
  const names: Readonly<Record<string, string>> = { 'same rows': 'repaired', empty: 'left-out' };
  return names[outcome] ?? `${outcome} with warnings`;
}

/** An endless list yields a page. */
function isPage(bytes: Uint8Array): boolean {
  const { recordings, next_cursor } = JSON.parse(toText(bytes));
  return recordings.length === 100 && typeof next_cursor === 'string';
}

function toRows({ bytes }: Seen, operation: Operation): Row[] {
  if (operation === 'list') return JSON.parse(toText(bytes)).recordings;
  return toText(bytes)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

function toListOutcome(rows: Row[], right: Row[], fault: FaultName): string {
  const text = JSON.stringify(rows);
  if (text === JSON.stringify(right)) return 'same rows';
  if (rows.length === 0) return 'empty';
  if (text === JSON.stringify(right.slice(0, 1))) return 'first';
  const foreign: Readonly<Partial<Record<FaultName, string>>> = foreignText;
  const added = right.map((row) => ({
    ...row,
    number_connected: `${row.number_connected} ${foreign[fault]}`,
  }));
  if (text === JSON.stringify(added)) return 'foreign';
  const known = right.map(({ sid }) => ({
    sid,
    dnis: null,
    number_connected: null,
    minutes: null,
    date: null,
  }));
  const isBare = rows.every((row, index) => expect.objectContaining(known[index] ?? {}).asymmetricMatch(row));
  return isBare && rows.length === right.length ? 'sids' : text;
}

/** The invariants of every response, under any fault. */
export function expectOutcome(cell: Cell, seen: Seen, right: Right): void {
  const outcomes: readonly Outcome[] = typeof cell === 'string' ? [cell] : (cell ?? []);
  expect(outcomes).toContain(toOutcome(seen, right));
  expect(seen.time).toBeLessThan(patience);
}

/** No key in any form in which it could be written. */
export function expectNoKey(texts: Iterable<string>, { accessKey, secretAccessKey }: AccountKeys): void {
  const forms = [accessKey, secretAccessKey, `${accessKey}:${secretAccessKey}`].flatMap((key) => [
    key,
    encodeURIComponent(key),
    new URLSearchParams({ key }).toString().slice(4),
    key.replaceAll('&', '&amp;'),
    JSON.stringify(key).slice(1, -1),
    // The padding, and the digits that it shares, depend on the following text.
    btoa(key).replace(/.=*$/, ''),
  ]);
  for (const text of texts)
    for (const form of forms) expect(text.includes(form), text.slice(0, 2000)).toBe(false);
}

export function textsOf({ headers, bytes }: Seen): string[] {
  return [JSON.stringify([...headers]), toText(bytes.subarray(0, 100_000))];
}

/** Applies the fault to the operation's action only. */
export function spoil(emulator: Emulator, name: FaultName, operation: Operation): void {
  // An export may arrive slowly, as long as it does not stall.
  const trickle = operation === 'export' ? 400 : 20;
  const delayMs = name === 'slow-trickle' ? trickle : 100;
  emulator.fault({ name, action: actionOf[operation], delayMs });
}

function toText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
