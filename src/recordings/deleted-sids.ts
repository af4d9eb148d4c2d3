/** Hides deleted recordings from snapshots that were written before their deletion. */
import QuickLRU from 'quick-lru';
import type { PurgeReason } from '../audio/cache/audio-cache.ts';
import { deletedPrefix, listsPrefix, type RecordingKey } from '../store/keys.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { storeTimeoutMs, withTimeout } from '../store/timeout.ts';

export interface DeletedSids {
  /** The account's deleted sids, at most a second old; rejects if the store fails. */
  read(accountId: string): Promise<ReadonlySet<string>>;
  /** Rejects if the store fails. */
  add(recording: RecordingKey, reason: PurgeReason): Promise<void>;
}

/** Deletions by this process count at once, those by others after this time. */
const lifetimeMs = 1000;

/** `optional` is the same store, for reads that a page can do without. */
export function createDeletedSids(store: ObjectStore, optional = store): DeletedSids {
  /** By account. */
  const known = new QuickLRU<string, ReadonlySet<string>>({ maxSize: 100, maxAge: lifetimeMs });
  /** Keeps a set that was read during a deletion from being remembered. */
  let deletions = 0;

  async function list(from: ObjectStore, prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await withTimeout(storeTimeoutMs, from.list(prefix, cursor));
      keys.push(...page.keys);
      cursor = page.cursor;
    }
    return keys;
  }

  return {
    async read(accountId) {
      const recent = known.get(accountId);
      if (recent) return recent;
      const prefix = deletedPrefix(accountId);
      const before = deletions;
      const sids = new Set((await list(optional, prefix)).map((key) => key.slice(prefix.length)));
      if (deletions === before) known.set(accountId, sids);
      return sids;
    },

    async add({ accountId, sid }, reason) {
      const deleted = deletedPrefix(accountId);
      if (reason === 'not-found') {
        // Made-up sids leave no marks where there is no snapshot.
        const { keys } = await withTimeout(storeTimeoutMs, store.list(listsPrefix(accountId)));
        if (keys.length === 0) return;
      }
      if (reason !== 'unknown') {
        await withTimeout(storeTimeoutMs, store.put(deleted + sid, '1'));
        deletions += 1;
        known.delete(accountId);
        return;
      }
      // The recording may still exist, so it is neither shown nor hidden: walks call the legacy service again.
      const snapshots = (await list(store, listsPrefix(accountId))).filter((key) => !key.startsWith(deleted));
      if (snapshots.length > 0) await withTimeout(storeTimeoutMs, store.delete(snapshots));
    },
  };
}
