/** Audio as it comes from the store: its description, and as much of it as is wanted, in one go where that can be. */
import type { R2Bucket, R2Object, R2ObjectBody, R2Range } from '@cloudflare/workers-types';
import { Problem } from '../problem/problem.ts';
import { type RangeSpec, resolveRange } from './range.ts';
import type { AudioSource } from './source.ts';

/** What the request is about to need, for it to be fetched in one go; anything else is fetched when it is opened. */
export type Wanted = 'description' | 'whole' | RangeSpec;

/** With a body where one was asked for and could be had. */
type Peeked = R2Object | R2ObjectBody;

/** What is wanted where it can be had, else only the description. */
export async function peek(bucket: R2Bucket, key: string, wanted: Wanted): Promise<Peeked | null> {
  if (wanted === 'whole') return bucket.get(key);
  const range = wanted === 'description' ? null : toR2Range(wanted);
  // R2 refuses a range behind the end, and does not say where that is.
  return range ? bucket.get(key, { range }).catch(() => bucket.head(key)) : bucket.head(key);
}

/** Null for what R2 cannot be asked: no bytes at all, or from beyond any end. */
function toR2Range(spec: RangeSpec): R2Range | null {
  if ('suffix' in spec) return spec.suffix > 0 && Number.isSafeInteger(spec.suffix) ? spec : null;
  if (!Number.isSafeInteger(spec.first)) return null;
  const length = spec.last - spec.first + 1;
  return Number.isSafeInteger(length) ? { offset: spec.first, length } : { offset: spec.first };
}

export function createStoredSource(bucket: R2Bucket, object: Peeked, wanted: Wanted): AudioSource {
  const { key, size, etag, httpEtag, uploaded } = object;
  const whole = { start: 0, end: size };
  const peeked = typeof wanted === 'string' ? whole : resolveRange(wanted, { length: size });

  return {
    extent: { length: size },
    validators: { etag: httpEtag, lastModified: uploaded },
    async open(range) {
      const { start, end } = range ?? whole;
      const isPeeked = typeof peeked === 'object' && peeked?.start === start && peeked.end === end;
      if ('body' in object && isPeeked) return toWebStream(object);
      await cancel(object);
      const part = { range: { offset: start, length: end - start }, onlyIf: { etagMatches: etag } };
      const again = await bucket.get(key, part).catch(() => null);
      if (again && 'body' in again) return toWebStream(again);
      throw new Problem('store-unavailable', {
        detail: 'The audio was replaced or deleted at this moment, or the store failed. Try again.',
        headers: [['Retry-After', '1']],
      });
    },
    close: () => cancel(object),
  };
}

/** The same thing by two declarations of types. */
function toWebStream({ body }: R2ObjectBody): ReadableStream<Uint8Array> {
  return body as unknown as ReadableStream<Uint8Array>;
}

export async function cancel(object: Peeked | null): Promise<void> {
  if (object && 'body' in object) await object.body.cancel().catch(() => {});
}
