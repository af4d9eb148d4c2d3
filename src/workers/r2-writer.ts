/** Streams an object into R2: in one put if the length is known, otherwise in parts. */
import type { StoreWriter } from '../store/object-store.ts';
import { createPartBuffer } from '../store/part-buffer.ts';
import { createPassThrough } from './streams.ts';

export interface R2WriterOptions {
  readonly key: string;
  readonly lengthBytes: number | null;
  readonly options: R2PutOptions;
}

export function createR2Writer(bucket: R2Bucket, object: R2WriterOptions): StoreWriter {
  return object.lengthBytes === null ? createPartsWriter(bucket, object) : createWholeWriter(bucket, object);
}

/** The object appears with its last byte, so an interrupted write leaves none. */
function createWholeWriter(bucket: R2Bucket, { key, lengthBytes, options }: R2WriterOptions): StoreWriter {
  const { readable, writable } = createPassThrough(lengthBytes);
  const writer = writable.getWriter();
  const put = bucket.put(key, readable, options);
  // A failed put reads no more; the next write or close must reject instead of waiting for it.
  put.catch((cause) => writer.abort(cause).catch(() => {}));
  writer.closed.catch(() => {});
  return {
    write: (chunk) => Promise.race([put.then(() => {}), writer.write(chunk)]),
    async close() {
      await writer.close();
      await put;
    },
    async abort() {
      await Promise.allSettled([writer.abort(new Error('aborted')), put]);
      // The store may hold an object that it could not confirm.
      await bucket.delete(key).catch(() => {});
    },
  };
}

/** R2 requires parts of equal size, 5 MiB or more. */
const partSizeBytes = 5 * 1024 * 1024;

/** Holds one part at a time. An object shorter than one part takes a single put. */
function createPartsWriter(bucket: R2Bucket, { key, options }: R2WriterOptions): StoreWriter {
  let upload: ReturnType<R2Bucket['createMultipartUpload']> | null = null;
  const parts: R2UploadedPart[] = [];
  const buffer = createPartBuffer({ partSizeBytes, send });

  async function send(part: Uint8Array): Promise<void> {
    upload ??= bucket.createMultipartUpload(key, options);
    const started = await upload;
    parts.push(await started.uploadPart(parts.length + 1, part));
  }

  return {
    write: buffer.add,
    async close() {
      const rest = buffer.rest();
      if (!upload) {
        await bucket.put(key, rest, options);
        return;
      }
      if (rest.length > 0) await send(rest);
      await (await upload).complete(parts);
    },
    async abort() {
      await upload?.then((started) => started.abort()).catch(() => {});
      await bucket.delete(key).catch(() => {});
    },
  };
}
