/**
 * Snapshots of lists in the store: written by one walk, and read for an hour by all walks that started before.
 *
 * A claim names the snapshot being written, so that concurrent walks write only one. Both objects are written once,
 * because R2 takes one write per second and key. Longer than other files, because claims, writes and reads of a
 * snapshot share what this process knows of it.
 */
import QuickLRU from 'quick-lru';
import type { RecordBatches } from '../legacy/list/records.ts';
import type { LegacyActions } from '../legacy/wire.ts';
import { sha256Hex } from '../primitives/sha256.ts';
import { sleep } from '../primitives/sleep.ts';
import { snapshotPrefix } from '../store/keys.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { storeTimeoutMs, withTimeout } from '../store/timeout.ts';
import type { Order } from './list-order.ts';
import type { ToLine } from './snapshot-lines.ts';
import { createSnapshotReader, type SnapshotBatches } from './snapshot-reader.ts';
import { type TeedList, teeToSnapshot } from './snapshot-writer.ts';

/** One list of one account, for one request. */
export interface ListName {
  /** For the log line of a failure. */
  readonly requestId: string;
  readonly accountId: string;
  readonly list: LegacyActions['recording.list'];
  /** Null for the order of the legacy service. */
  readonly order: Order | null;
}

/** A place in a snapshot. */
export interface SnapshotPlace {
  readonly id: string;
  /** Offset of a line, in bytes. */
  readonly offset: number;
}

interface ReadFrom {
  readonly limit: number;
  /** Ends the wait for a snapshot that is being written; null to not wait. */
  readonly signal: AbortSignal | null;
}

interface FindOptions extends ReadFrom {
  /** A snapshot that was already searched without a result. */
  readonly except?: string | undefined;
}

export interface StoredList {
  readonly id: string;
  readonly batches: SnapshotBatches;
}

/** A snapshot that the caller may write. */
interface Claim {
  readonly id: string;
  tee(list: RecordBatches): TeedList;
}

/** Each resolves to null if the store fails, so that the page comes from the legacy service. */
export interface ListSnapshots {
  /** Continues at a place; waits for a snapshot that is being written. */
  resume(name: ListName, place: SnapshotPlace, options: ReadFrom): Promise<StoredList | null>;
  /** Reads a snapshot started at or after `since`, in milliseconds since 1970; waits as above. */
  find(name: ListName, since: number, options: FindOptions): Promise<StoredList | null>;
  /** Null if another walk writes a suitable snapshot, or a write has just failed. */
  claim(name: ListName, since: number): Promise<Claim | null>;
}

export interface ListSnapshotsOptions {
  readonly store: ObjectStore;
  readonly toLine: ToLine;
  /** Everything besides the list that the lines depend on: gateways that share a store may differ in it. */
  readonly form: string;
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Called each time the store fails. */
  readonly onFailure: (cause: unknown, requestId: string) => void;
  /** Longest time for a list from the legacy service. */
  readonly responseMs: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export const snapshotLifetimeMs = 60 * 60 * 1000;

/** Pause after a failed write, in which walks do without snapshots. */
const failurePauseMs = 60_000;

/** Version of the lines' format. */
const version = 1;

/** A line has about 240 bytes. */
const bytesPerRecording = 256;

const firstPauseMs = 10;
/** For a snapshot of this process. A poll, because on Workers a request must not await another request's promise. */
const ownPauseMs = 2;
const maxPauseMs = 200;

export function createListSnapshots(options: ListSnapshotsOptions): ListSnapshots {
  const { store, toLine, form, waitUntil, onFailure, responseMs, now = Date.now } = options;
  const readSnapshot = createSnapshotReader(store);
  /** Hashing waits for other threads, which costs a page more than reading it. */
  const digests = new QuickLRU<string, string>({ maxSize: 1000 });
  /** When this process began to write a snapshot, by its ID. Its walks need not ask the store whether it is complete. */
  const writing = new QuickLRU<string, number>({ maxSize: 1000 });
  /** When the list last failed to be stored, by prefix. */
  const failedAt = new QuickLRU<string, number>({ maxSize: 1000 });

  async function guard<Value>(
    { requestId }: ListName,
    step: () => Promise<Value | null>,
  ): Promise<Value | null> {
    try {
      return await step();
    } catch (cause) {
      onFailure(cause, requestId);
      return null;
    }
  }

  async function toPrefix({ accountId, list, order }: ListName): Promise<string> {
    const content = JSON.stringify([version, form, list.type, list.id, order]);
    const digest = digests.get(content) ?? (await sha256Hex(content)).slice(0, 32);
    digests.set(content, digest);
    return snapshotPrefix(accountId, digest);
  }

  async function readClaim(prefix: string): Promise<FoundClaim | null> {
    const object = await withTimeout(storeTimeoutMs, store.head(claimKey(prefix)));
    const { id, 'started-at': startedAt } = object?.metadata ?? {};
    if (!object || id === undefined) return null;
    return { id, startedAt: Number(startedAt), etag: object.etag };
  }

  /** False for a writer that has ended early: on Workers, work behind a response may. */
  function isWriting(id: string): boolean {
    const startedAt = writing.get(id);
    return startedAt !== undefined && now() - startedAt <= responseMs;
  }

  /** Waits for half of a list's longest time: the rest is enough for a call to the legacy service. */
  async function read(prefix: string, place: SnapshotPlace, { limit, signal }: ReadFrom) {
    const endsAt = now() + responseMs / 2;
    while (isWriting(place.id) && signal && !signal.aborted && now() < endsAt) await sleep(ownPauseMs);
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      const batches = await readSnapshot({
        key: prefix + place.id,
        offset: place.offset,
        firstPartBytes: limit * bytesPerRecording,
        notBefore: now() - snapshotLifetimeMs,
      });
      if (batches) return { id: place.id, batches };
      if (now() >= endsAt || signal === null || signal.aborted) return null;
      const claim = await readClaim(prefix);
      if (claim?.id !== place.id || now() - claim.startedAt > responseMs) return null;
      await sleep(pauseMs);
    }
  }

  async function release(prefix: string, id: string): Promise<void> {
    failedAt.set(prefix, now());
    if ((await readClaim(prefix))?.id === id) await store.delete([claimKey(prefix)]);
  }

  return {
    resume: (name, place, from) => guard(name, async () => await read(await toPrefix(name), place, from)),

    find: (name, since, from) =>
      guard(name, async () => {
        const prefix = await toPrefix(name);
        const claim = await readClaim(prefix);
        if (!claim || claim.startedAt < since || claim.id === from.except) return null;
        return await read(prefix, { id: claim.id, offset: 0 }, from);
      }),

    claim: (name, since) =>
      guard(name, async () => {
        const prefix = await toPrefix(name);
        if (now() - (failedAt.get(prefix) ?? Number.NEGATIVE_INFINITY) < failurePauseMs) return null;
        const found = await readClaim(prefix);
        if (found && found.startedAt >= since && now() - found.startedAt <= responseMs) return null;
        const id = crypto.randomUUID();
        const startedAt = now();
        const reportFailure = (cause: unknown) => onFailure(cause, name.requestId);
        const claimed = await withTimeout(
          storeTimeoutMs,
          store.put(claimKey(prefix), id, {
            onlyIf: found ? { etag: found.etag } : 'absent',
            metadata: { id, 'started-at': String(startedAt) },
          }),
        );
        if (!claimed) return null;
        if (found && startedAt - found.startedAt > snapshotLifetimeMs) {
          waitUntil(store.delete([prefix + found.id]).catch(reportFailure));
        }
        return {
          id,
          tee(list) {
            writing.set(id, startedAt);
            return teeToSnapshot(list, {
              writer: store.write(prefix + id, { lengthBytes: null, contentType: 'application/x-ndjson' }),
              toLine,
              waitUntil,
              onFailure: reportFailure,
              async onEnd(isStored) {
                writing.delete(id);
                if (!isStored) await release(prefix, id).catch(reportFailure);
              },
            });
          },
        };
      }),
  };
}

interface FoundClaim {
  readonly id: string;
  readonly startedAt: number;
  readonly etag: string;
}

function claimKey(prefix: string): string {
  return `${prefix}claim`;
}
