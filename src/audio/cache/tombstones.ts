/** Marks that deletions leave in the store, so that no audio fetched before one is served after it, whoever writes it and when. */
import type { R2Bucket } from '@cloudflare/workers-types';

/** As it is to whoever read it; what is kept is served only under the tombstone that was read before it was fetched. */
export interface Tombstone {
  /** Another one after every deletion. */
  readonly generation: string;
  /** Whether the recording is deleted, or will be by the legacy: nothing of it is to be kept any more. */
  readonly final: boolean;
}

export interface Tombstones {
  read(sid: string): Promise<Tombstone>;
  /** A new generation: nothing that was kept before counts any more. What is final stays final. */
  bump(sid: string, final: boolean): Promise<void>;
}

const prefix = 'audio-marks/';

/** Of recordings that nobody has tried to delete. */
const unmarked: Tombstone = { generation: '', final: false };

/** Each failed attempt means that somebody else has renewed the tombstone at the same moment. */
const maxAttempts = 20;

export function createTombstones(bucket: R2Bucket): Tombstones {
  async function find(sid: string): Promise<{ tombstone: Tombstone; etag: string | null }> {
    const object = await bucket.head(prefix + sid);
    const { generation, final } = object?.customMetadata ?? {};
    if (!object || generation === undefined) return { tombstone: unmarked, etag: null };
    return { tombstone: { generation, final: final === 'true' }, etag: object.etag };
  }

  async function tryRenew(sid: string, final: boolean): Promise<boolean> {
    const { tombstone, etag } = await find(sid);
    const generation = crypto.randomUUID();
    // Of the content the tag is made, by which the next one sees whether this one is still there.
    const written = await bucket.put(prefix + sid, generation, {
      customMetadata: { generation, final: String(final || tombstone.final) },
      onlyIf: etag === null ? { etagDoesNotMatch: '*' } : { etagMatches: etag },
    });
    return written !== null;
  }

  return {
    read: async (sid) => (await find(sid)).tombstone,
    async bump(sid, final) {
      for (let attempt = 0; attempt < maxAttempts; attempt += 1) if (await tryRenew(sid, final)) return;
      throw new Error('the tombstone of a deletion could not be written');
    },
  };
}
