/** Hides deleted recordings from snapshots that were written before their deletion. */
import type { PurgeReason } from '../audio/cache/audio-cache.ts';
import { deletedPrefix, listsPrefix, type RecordingKey } from '../store/keys.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { storeTimeoutMs, withTimeout } from '../store/timeout.ts';

export interface DeletedSids {
  /** The account's deleted sids; rejects if the store fails. */
  read(accountId: string): Promise<ReadonlySet<string>>;
  /** Rejects if the store fails. */
  add(recording: RecordingKey, reason: PurgeReason): Promise<void>;
}

export function createDeletedSids(store: ObjectStore): DeletedSids {
  async function list(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await withTimeout(storeTimeoutMs, store.list(prefix, cursor));
      keys.push(...page.keys);
      cursor = page.cursor;
    }
    return keys;
  }

  return {
    async read(accountId) {
      const prefix = deletedPrefix(accountId);
      return new Set((await list(prefix)).map((key) => key.slice(prefix.length)));
    },

    async add({ accountId, sid }, reason) {
      const deleted = deletedPrefix(accountId);
      // An account without snapshots needs no marks, since later snapshots lack the recording.
      const { keys } = await withTimeout(storeTimeoutMs, store.list(listsPrefix(accountId)));
      if (keys.length === 0) return;
      if (reason !== 'unknown') {
        await withTimeout(storeTimeoutMs, store.put(deleted + sid, '1'));
        return;
      }
      // The recording may still exist, so it is neither shown nor hidden: walks call the legacy service again.
      const snapshots = (await list(listsPrefix(accountId))).filter((key) => !key.startsWith(deleted));
      if (snapshots.length > 0) await withTimeout(storeTimeoutMs, store.delete(snapshots));
    },
  };
}
