/** Audio as it comes from the store: its description, and as much of it as is wanted, in one go where that can be. */
import type { R2Bucket, R2Object, R2ObjectBody, R2Range } from '@cloudflare/workers-types';
import { type ByteRange, type RangeSpec, resolveRange } from '../../http/range.ts';
import { Problem } from '../../problem/problem.ts';
import type { AudioSource } from '../source.ts';
import { storeTimeoutMs, withTimeout } from './timeout.ts';

/** What the request is about to need, for it to be fetched in one go; anything else is fetched when it is opened. */
export type Wanted = 'description' | 'whole' | RangeSpec;

/** With a body where one was asked for and could be had. */
type Peeked = R2Object | R2ObjectBody;

/** What is wanted where there is such a thing, else only the description. Rejects when the store fails. */
export async function peek(bucket: R2Bucket, key: string, wanted: Wanted): Promise<Peeked | null> {
  if (wanted === 'whole') return bucket.get(key);
  if (wanted === 'description') return bucket.head(key);
  const range = toR2Range(wanted);
  if (!range) return bucket.head(key);
  return bucket.get(key, { range }).catch(async () => {
    // R2 refuses a range behind the end, and does not say where that is.
    const object = await bucket.head(key);
    const found = object && resolveRange(wanted, { length: object.size });
    return found && found !== 'unsatisfiable' ? getPart(bucket, object, found) : object;
  });
}

/** Without a body where it is another object by now. */
function getPart(
  bucket: R2Bucket,
  { key, etag }: R2Object,
  { start, end }: ByteRange,
): Promise<Peeked | null> {
  return bucket.get(key, { range: { offset: start, length: end - start }, onlyIf: { etagMatches: etag } });
}

/** Null for what R2 cannot be asked: no bytes at all, or from beyond any end. */
function toR2Range(spec: RangeSpec): R2Range | null {
  if ('suffix' in spec) return spec.suffix > 0 && Number.isSafeInteger(spec.suffix) ? spec : null;
  if (!Number.isSafeInteger(spec.first)) return null;
  const length = spec.last - spec.first + 1;
  return Number.isSafeInteger(length) ? { offset: spec.first, length } : { offset: spec.first };
}

export function createStoredSource(bucket: R2Bucket, object: Peeked, wanted: Wanted): AudioSource {
  const { size, httpEtag, uploaded } = object;
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
      const getting = getPart(bucket, object, { start, end });
      const again = await withTimeout(storeTimeoutMs, getting).catch(() => null);
      if (again && 'body' in again) return toWebStream(again);
      void letGo(getting);
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

/** Of what is on its way, and comes too late. */
export async function letGo(getting: Promise<Peeked | null>): Promise<void> {
  await getting.then(cancel, () => {});
}

export async function cancel(object: Peeked | null): Promise<void> {
  if (object && 'body' in object) await object.body.cancel().catch(() => {});
}
