/** Stored audio as a source: its description and the bytes that the request needs, in one call if possible. */
import type { RangeSpec } from '../http/range.ts';
import { StoreError } from '../store/failure.ts';
import type { ObjectStore, StoredBody, StoredObject } from '../store/object-store.ts';
import { storeTimeoutMs, withTimeout } from '../store/timeout.ts';
import type { AudioSource } from './source.ts';

/** The part that the request is about to need, which one call fetches. Any other part is fetched when it is opened. */
export type Wanted = 'description' | 'whole' | RangeSpec;

/** Has a body if one was requested. */
export type Peeked = StoredObject | StoredBody;

export function peek(store: ObjectStore, key: string, wanted: Wanted): Promise<Peeked | null> {
  if (wanted === 'description') return store.head(key);
  return wanted === 'whole' ? store.get(key) : store.get(key, { range: wanted });
}

export function createStoredSource(store: ObjectStore, object: Peeked): AudioSource {
  const { key, sizeBytes, etag, uploaded } = object;

  async function reopen(start: number, end: number): Promise<StoredBody | null> {
    const getting = store.get(key, { range: { first: start, last: end - 1 }, ifMatch: etag });
    return await withTimeout(storeTimeoutMs, getting).catch(() => {
      void release(getting);
      return null;
    });
  }

  return {
    extent: { length: sizeBytes },
    validators: { etag: `"${etag}"`, lastModified: uploaded },
    async open(range) {
      const { start, end } = range ?? { start: 0, end: sizeBytes };
      if ('body' in object && object.range.start === start && object.range.end === end) return object.body;
      await cancel(object);
      const again = await reopen(start, end);
      if (!again) throw new StoreError({ kind: 'not-readable' });
      return again.body;
    },
    close: () => cancel(object),
  };
}

/** Cancels a body that arrives too late. */
export async function release(getting: Promise<Peeked | null>): Promise<void> {
  await getting.then(cancel, () => {});
}

export async function cancel(object: Peeked | null): Promise<void> {
  if (object && 'body' in object) await object.body.cancel().catch(() => {});
}
