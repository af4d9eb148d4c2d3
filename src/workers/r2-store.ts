/** The object store in R2, through the Worker's binding. */
import type { RangeSpec } from '../http/range.ts';
import type {
  ObjectAttributes,
  ObjectStore,
  PutOptions,
  StoredBody,
  StoredObject,
} from '../store/object-store.ts';
import { toPart } from '../store/object-store.ts';
import { createR2Writer } from './r2-writer.ts';

/** R2's limit per call. */
const maxDeletedKeys = 1000;

export function createR2Store(bucket: R2Bucket): ObjectStore {
  async function getPart(
    key: string,
    range: RangeSpec,
    ifMatch: string | undefined,
  ): Promise<R2Object | null> {
    const r2Range = toR2Range(range);
    const condition = ifMatch === undefined ? {} : { onlyIf: { etagMatches: ifMatch } };
    if (r2Range) {
      try {
        return await bucket.get(key, { range: r2Range, ...condition });
      } catch {
        // R2 rejects a range past the end without telling the object's length.
      }
    }
    const object = await bucket.head(key);
    if (!object || (ifMatch !== undefined && object.etag !== ifMatch)) return null;
    const { start, end } = toPart(range, object.size);
    if (start === end) return object;
    // The tag excludes a replacement in between, whose bytes would not match the description.
    const exact = { range: { offset: start, length: end - start }, onlyIf: { etagMatches: object.etag } };
    const part = await bucket.get(key, exact);
    return part && 'body' in part ? part : null;
  }

  return {
    async head(key) {
      const object = await bucket.head(key);
      return object && toStored(object);
    },

    async get(key, { range, ifMatch } = {}) {
      if (range) {
        const found = await getPart(key, range, ifMatch);
        return found && (ifMatch === undefined || found.etag === ifMatch) ? toBody(found, range) : null;
      }
      const found = await bucket.get(key, ifMatch === undefined ? {} : { onlyIf: { etagMatches: ifMatch } });
      return found && 'body' in found ? toBody(found) : null;
    },

    async put(key, body, options = {}) {
      const object = await bucket.put(key, body, { ...toAttributes(options), ...toCondition(options) });
      return object && toStored(object);
    },

    write: (key, { lengthBytes, ...attributes }) =>
      createR2Writer(bucket, { key, lengthBytes, options: toAttributes(attributes) }),

    async list(prefix, cursor) {
      const page = await bucket.list({ prefix, ...(cursor !== undefined && { cursor }) });
      return { keys: page.objects.map(({ key }) => key), cursor: page.truncated ? page.cursor : null };
    },

    async delete(keys) {
      for (let at = 0; at < keys.length; at += maxDeletedKeys) {
        await bucket.delete(keys.slice(at, at + maxDeletedKeys));
      }
    },

    honoursConditions: async () => true,
  };
}

/** Null for a range that R2 cannot express: an empty one, or one beyond any object. */
function toR2Range(spec: RangeSpec): R2Range | null {
  if ('suffix' in spec) return spec.suffix > 0 && Number.isSafeInteger(spec.suffix) ? spec : null;
  if (!Number.isSafeInteger(spec.first)) return null;
  const length = spec.last - spec.first + 1;
  return Number.isSafeInteger(length) ? { offset: spec.first, length } : { offset: spec.first };
}

function toStored({ key, size, etag, uploaded, httpMetadata, customMetadata = {} }: R2Object): StoredObject {
  const contentType = httpMetadata?.contentType ?? null;
  return { key, sizeBytes: size, etag, uploaded, contentType, metadata: customMetadata };
}

function toBody(object: R2Object | R2ObjectBody, range?: RangeSpec): StoredBody {
  const body = 'body' in object ? object.body : new Blob([]).stream();
  return {
    ...toStored(object),
    range: toPart(range, object.size),
    // The same stream, declared by two libraries.
    body: body as ReadableStream<Uint8Array>,
  };
}

function toAttributes({ contentType, metadata }: ObjectAttributes): R2PutOptions {
  return {
    ...(contentType !== undefined && { httpMetadata: { contentType } }),
    ...(metadata && { customMetadata: { ...metadata } }),
  };
}

function toCondition({ onlyIf }: PutOptions): R2PutOptions {
  if (onlyIf === undefined) return {};
  return { onlyIf: onlyIf === 'absent' ? { etagDoesNotMatch: '*' } : { etagMatches: onlyIf.etag } };
}
