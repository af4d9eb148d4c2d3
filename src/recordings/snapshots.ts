/**
 * Snapshots of lists in the store: written by one walk, read by all walks that began before it, for an hour.
 *
 * A claim names the snapshot that is being written, so that concurrent walks write one. Both objects are written once:
 * R2 takes one write a second to a key.
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
import { readSnapshot, type SnapshotBatches } from './snapshot-reader.ts';
import { type TeedList, teeToSnapshot } from './snapshot-writer.ts';

/** One list of one account. */
export interface ListName {
  readonly accountId: string;
  readonly list: LegacyActions['recording.list'];
  /** Null for the order of the legacy service. */
  readonly order: Order | null;
}

/** A place in a snapshot. */
export interface SnapshotPlace {
  readonly id: string;
  /** Of a line, in bytes. */
  readonly offset: number;
}

interface ReadFrom {
  readonly limit: number;
  /** Ends a wait for a snapshot that is being written; null waits for none. */
  readonly signal: AbortSignal | null;
}

interface FindOptions extends ReadFrom {
  /** A snapshot that was looked for in vain. */
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

/** Each resolves to null where the store fails: a page then comes from the legacy service. */
export interface ListSnapshots {
  /** Reads on at a place; waits for a snapshot that is being written. */
  resume(name: ListName, place: SnapshotPlace, options: ReadFrom): Promise<StoredList | null>;
  /** Reads a snapshot that was begun at or after `since`, in milliseconds since 1970; waits for one as above. */
  find(name: ListName, since: number, options: FindOptions): Promise<StoredList | null>;
  /** Null where another walk writes a snapshot that will do, or one has just failed. */
  claim(name: ListName, since: number): Promise<Claim | null>;
}

export interface ListSnapshotsOptions {
  readonly store: ObjectStore;
  readonly toLine: ToLine;
  /** Everything besides the list that the lines depend on: gateways that share a store may differ in it. */
  readonly form: string;
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Called each time the store fails. */
  readonly onFailure: (cause: unknown) => void;
  /** The longest time that the legacy service may take for a list. */
  readonly responseMs: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export const snapshotLifetimeMs = 60 * 60 * 1000;

/** After a list that could not be stored; until then its walks do without. */
const failurePauseMs = 60_000;

/** Of the lines' format. */
const version = 1;

/** A line has about 240 bytes. */
const bytesPerRecording = 256;

const firstPauseMs = 10;
const maxPauseMs = 200;

export function createListSnapshots(options: ListSnapshotsOptions): ListSnapshots {
  const { store, toLine, form, waitUntil, onFailure, responseMs, now = Date.now } = options;
  /** When the list last failed to be stored, by prefix. */
  const failedAt = new QuickLRU<string, number>({ maxSize: 1000 });

  async function guard<Value>(step: () => Promise<Value | null>): Promise<Value | null> {
    try {
      return await step();
    } catch (cause) {
      onFailure(cause);
      return null;
    }
  }

  async function toPrefix({ accountId, list, order }: ListName): Promise<string> {
    const digest = await sha256Hex(JSON.stringify([version, form, list.type, list.id, order]));
    return snapshotPrefix(accountId, digest.slice(0, 32));
  }

  async function readClaim(prefix: string): Promise<FoundClaim | null> {
    const object = await withTimeout(storeTimeoutMs, store.head(claimKey(prefix)));
    const { id, 'started-at': startedAt } = object?.metadata ?? {};
    if (!object || id === undefined) return null;
    return { id, startedAt: Number(startedAt), etag: object.etag };
  }

  /** Waits for half the time that the list may take: the rest is enough to ask the legacy service instead. */
  async function read(prefix: string, place: SnapshotPlace, { limit, signal }: ReadFrom) {
    const endsAt = now() + responseMs / 2;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      const batches = await readSnapshot({
        store,
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
    try {
      if ((await readClaim(prefix))?.id === id) await store.delete([claimKey(prefix)]);
    } catch (cause) {
      onFailure(cause);
    }
  }

  return {
    resume: (name, place, from) => guard(async () => await read(await toPrefix(name), place, from)),

    find: (name, since, from) =>
      guard(async () => {
        const prefix = await toPrefix(name);
        const claim = await readClaim(prefix);
        if (!claim || claim.startedAt < since || claim.id === from.except) return null;
        return await read(prefix, { id: claim.id, offset: 0 }, from);
      }),

    claim: (name, since) =>
      guard(async () => {
        const prefix = await toPrefix(name);
        if (now() - (failedAt.get(prefix) ?? Number.NEGATIVE_INFINITY) < failurePauseMs) return null;
        const found = await readClaim(prefix);
        if (found && found.startedAt >= since && now() - found.startedAt <= responseMs) return null;
        const id = crypto.randomUUID();
        const startedAt = now();
        const claimed = await withTimeout(
          storeTimeoutMs,
          store.put(claimKey(prefix), id, {
            onlyIf: found ? { etag: found.etag } : 'absent',
            metadata: { id, 'started-at': String(startedAt) },
          }),
        );
        if (!claimed) return null;
        if (found && startedAt - found.startedAt > snapshotLifetimeMs) {
          waitUntil(store.delete([prefix + found.id]).catch(onFailure));
        }
        return {
          id,
          tee: (list) =>
            teeToSnapshot(list, {
              writer: store.write(prefix + id, { lengthBytes: null, contentType: 'application/x-ndjson' }),
              toLine,
              waitUntil,
              onFailure,
              onEnd: async (isStored) => (isStored ? undefined : await release(prefix, id)),
            }),
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
