/** Marks that deletions leave in the store, so that no audio fetched before one is served after it, whoever writes it and when. */
import type { R2Bucket } from '@cloudflare/workers-types';

/** As it is to whoever read it; what is kept is served only under the mark that was read before it was fetched. */
export interface Mark {
  /** Another one after every deletion. */
  readonly generation: string;
  /** Whether the recording is deleted, or will be by the legacy: nothing of it is to be kept any more. */
  readonly closed: boolean;
}

export interface DeletionMarks {
  read(sid: string): Promise<Mark>;
  /** A new generation: nothing that was kept before counts any more. What is closed stays closed. */
  renew(sid: string, closed: boolean): Promise<void>;
}

const prefix = 'audio-marks/';

/** Of recordings that nobody has tried to delete. */
const unmarked: Mark = { generation: '', closed: false };

/** Each failed attempt means that somebody else has renewed the mark at the same moment. */
const maxAttempts = 20;

export function createDeletionMarks(bucket: R2Bucket): DeletionMarks {
  async function find(sid: string): Promise<{ mark: Mark; etag: string | null }> {
    const object = await bucket.head(prefix + sid);
    const { generation, closed } = object?.customMetadata ?? {};
    if (!object || generation === undefined) return { mark: unmarked, etag: null };
    return { mark: { generation, closed: closed === 'true' }, etag: object.etag };
  }

  async function tryRenew(sid: string, closed: boolean): Promise<boolean> {
    const { mark, etag } = await find(sid);
    const generation = crypto.randomUUID();
    // Of the content the tag is made, by which the next one sees whether this one is still there.
    const written = await bucket.put(prefix + sid, generation, {
      customMetadata: { generation, closed: String(closed || mark.closed) },
      onlyIf: etag === null ? { etagDoesNotMatch: '*' } : { etagMatches: etag },
    });
    return written !== null;
  }

  return {
    read: async (sid) => (await find(sid)).mark,
    async renew(sid, closed) {
      for (let attempt = 0; attempt < maxAttempts; attempt += 1) if (await tryRenew(sid, closed)) return;
      throw new Error('the mark of a deletion could not be written');
    },
  };
}
