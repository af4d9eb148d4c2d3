/** Streams an upload's body into R2: in one go where its length is known, else part by part. */
import type { R2Bucket, ReadableStream as R2Stream } from '@cloudflare/workers-types';
import { type BodyReader, type Incoming, join } from './body-reader.ts';
import {
  assertKind,
  assertSizes,
  headLength,
  type StagedFormat,
  stagedMediaTypes,
} from './declared-audio.ts';
import { createDigest } from './digest.ts';
import { StagingError } from './failure.ts';

declare const FixedLengthStream: new (
  length: number,
) => { readonly readable: R2Stream; readonly writable: WritableStream<Uint8Array> };

/** R2 wants parts of one size and of 5 MiB or more. One is held at a time. In bytes. */
const partSize = 5 * 1024 * 1024;

/** What is moved in one turn of the script: few turns, and as fast as a pipe. In bytes. */
const pieceSize = 1024 * 1024;

export interface Receipt {
  readonly incoming: Incoming;
  readonly format: StagedFormat;
  /** Of the object that is there when all has gone well, and only then. */
  readonly key: string;
}

export interface Received {
  /** In bytes. */
  readonly length: number;
  /** Of the content, in hexadecimal digits. */
  readonly md5: string;
}

/** Throws StagingError, and leaves nothing behind where it does. */
export async function receive(bucket: R2Bucket, receipt: Receipt): Promise<Received> {
  const { incoming, format, key } = receipt;
  const { reader, length } = incoming;
  try {
    const head = await reader.read(headLength);
    assertKind(head, format);
    if (length === null) return await receiveParts(bucket, receipt, { reader, head });
    assertSizes(head, format, length);
    return await receiveWhole(bucket, receipt, { reader, head, length });
  } catch (cause) {
    // The store may have kept what it could not confirm.
    await Promise.allSettled([reader.cancel(), bucket.delete(key)]);
    throw cause instanceof StagingError ? cause : new StagingError({ kind: 'store-unavailable' }, { cause });
  }
}

interface Begun {
  readonly reader: BodyReader;
  readonly head: Uint8Array;
}

/** An object appears when its last byte has come, so a body that breaks off leaves none. */
async function receiveWhole(
  bucket: R2Bucket,
  { format, key }: Receipt,
  { reader, head, length }: Begun & { readonly length: number },
): Promise<Received> {
  const { readable, writable } = new FixedLengthStream(length);
  const put = bucket.put(key, readable, toOptions(format));
  const writer = writable.getWriter();
  try {
    // Not by `pipeTo`: when one of its ends breaks, both look broken, and nobody can tell whose fault it was.
    for (let piece = head; piece.length > 0; piece = await reader.read(pieceSize)) {
      if (reader.count > length) throw new StagingError({ kind: 'incomplete' });
      await writer.write(piece);
      reader.recycle(piece);
    }
    if (reader.count < length) throw new StagingError({ kind: 'incomplete' });
    await writer.close();
  } catch (cause) {
    await Promise.allSettled([writer.abort(cause), put]);
    throw cause;
  }
  const { checksums, etag } = await put;
  return { length, md5: checksums.toJSON().md5 ?? etag };
}

async function receiveParts(
  bucket: R2Bucket,
  { format, key }: Receipt,
  { reader, head }: Begun,
): Promise<Received> {
  const first = join([head, await reader.read(partSize - head.length)]);
  if (first.length < partSize) {
    assertSizes(head, format, first.length);
    const { checksums, etag } = await bucket.put(key, first, toOptions(format));
    return { length: first.length, md5: checksums.toJSON().md5 ?? etag };
  }
  const upload = await bucket.createMultipartUpload(key, toOptions(format));
  try {
    const digest = createDigest();
    const parts = [];
    for (let part = first; part.length > 0; part = await reader.read(partSize)) {
      await digest.update(part);
      parts.push(await upload.uploadPart(parts.length + 1, part));
      reader.recycle(part);
    }
    assertSizes(head, format, reader.count);
    await upload.complete(parts);
    return { length: reader.count, md5: await digest.end() };
  } catch (cause) {
    await upload.abort().catch(() => {});
    throw cause;
  }
}

function toOptions(format: StagedFormat) {
  return { httpMetadata: { contentType: stagedMediaTypes[format] } };
}
