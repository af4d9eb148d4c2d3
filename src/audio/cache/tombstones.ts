/** Tombstones that deletions leave in the store, so that audio fetched before a deletion is never served after it. */
import { type RecordingKey, tombstoneKey } from '../../store/keys.ts';
import type { ObjectStore } from '../../store/object-store.ts';

/** Audio is served only under the tombstone that was read before the audio was fetched. */
export interface Tombstone {
  /** Changes with every deletion. */
  readonly generation: string;
  /** Whether the legacy service has deleted the recording, or will: its audio is never stored again. */
  readonly final: boolean;
}

export interface Tombstones {
  read(recording: RecordingKey): Promise<Tombstone>;
  /** Starts a new generation, which invalidates everything stored before. A final tombstone stays final. */
  bump(recording: RecordingKey, final: boolean): Promise<void>;
}

/** For recordings that have no tombstone. */
const none: Tombstone = { generation: '', final: false };

/** Each failed attempt means that another deletion wrote the tombstone at the same time. */
const maxAttempts = 20;

export function createTombstones(store: ObjectStore): Tombstones {
  async function find(recording: RecordingKey): Promise<{ tombstone: Tombstone; etag: string | null }> {
    const object = await store.head(tombstoneKey(recording));
    const { generation, final } = object?.metadata ?? {};
    if (!object || generation === undefined) return { tombstone: none, etag: null };
    return { tombstone: { generation, final: final === 'true' }, etag: object.etag };
  }

  async function tryBump(recording: RecordingKey, final: boolean): Promise<boolean> {
    const { tombstone, etag } = await find(recording);
    const generation = crypto.randomUUID();
    // The generation is also the content, because stores derive the ETag from the content.
    const written = await store.put(tombstoneKey(recording), generation, {
      metadata: { generation, final: String(final || tombstone.final) },
      onlyIf: etag === null ? 'absent' : { etag },
    });
    return written !== null;
  }

  return {
    read: async (recording) => (await find(recording)).tombstone,
    async bump(recording, final) {
      for (let attempt = 0; attempt < maxAttempts; attempt += 1) if (await tryBump(recording, final)) return;
      throw new Error('the tombstone of a deletion could not be written');
    },
  };
}
