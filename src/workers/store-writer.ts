/** Writes audio into R2 while it passes: at once where its length is known, else part by part. */
import type {
  R2Bucket,
  R2HTTPMetadata,
  ReadableStream as R2Stream,
  R2UploadedPart,
} from '@cloudflare/workers-types';

declare const FixedLengthStream: new (
  length: number,
) => { readonly readable: R2Stream; readonly writable: WritableStream<Uint8Array> };

/** Nothing is there to be read before `close` has returned, and never anything after `abort`. */
export interface StoreWriter {
  /** May be given the same memory again once it has returned. */
  write(chunk: Uint8Array): Promise<void>;
  close(): Promise<void>;
  /** Never rejects. */
  abort(): Promise<void>;
}

export interface StoreObject {
  readonly key: string;
  /** In bytes; null where nobody said it. */
  readonly length: number | null;
  readonly httpMetadata: R2HTTPMetadata;
  readonly customMetadata: Record<string, string>;
}

export function createStoreWriter(bucket: R2Bucket, object: StoreObject): StoreWriter {
  return object.length === null
    ? createPartsWriter(bucket, object)
    : createWholeWriter(bucket, object, object.length);
}

/** An object appears when its last byte has come, so what breaks off leaves none. */
function createWholeWriter(bucket: R2Bucket, object: StoreObject, length: number): StoreWriter {
  const { key, httpMetadata, customMetadata } = object;
  const { readable, writable } = new FixedLengthStream(length);
  const writer = writable.getWriter();
  const put = bucket.put(key, readable, { httpMetadata, customMetadata });
  // Whoever writes or closes next is told; a store that fails takes no more, so that the writer must not wait for it.
  put.catch((cause) => writer.abort(cause).catch(() => {}));
  writer.closed.catch(() => {});
  return {
    write: (chunk) => Promise.race([put.then(() => {}), writer.write(chunk)]),
    async close() {
      await writer.close();
      await put;
    },
    async abort() {
      await Promise.allSettled([writer.abort(new Error('broken off')), put]);
    },
  };
}

/** R2 wants parts of one size and of 5 MiB or more. One is held at a time. In bytes. */
const partSize = 5 * 1024 * 1024;

function createPartsWriter(bucket: R2Bucket, { key, ...options }: StoreObject): StoreWriter {
  const upload = bucket.createMultipartUpload(key, options);
  upload.catch(() => {});
  const parts: R2UploadedPart[] = [];
  const part = new Uint8Array(partSize);
  let filled = 0;

  async function send(): Promise<void> {
    const started = await upload;
    parts.push(await started.uploadPart(parts.length + 1, part.subarray(0, filled)));
    filled = 0;
  }

  return {
    async write(chunk) {
      for (let rest = chunk; rest.length > 0; ) {
        const piece = rest.subarray(0, partSize - filled);
        part.set(piece, filled);
        filled += piece.length;
        rest = rest.subarray(piece.length);
        if (filled === partSize) await send();
      }
    },
    async close() {
      if (filled > 0) await send();
      await (await upload).complete(parts);
    },
    async abort() {
      await upload.then((started) => started.abort()).catch(() => {});
    },
  };
}
