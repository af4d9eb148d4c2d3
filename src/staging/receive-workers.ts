/** Streams an upload's body into R2: by the platform's own pipe where its length is known, else part by part. */
import type { R2Bucket, ReadableStream as R2Stream } from '@cloudflare/workers-types';
import { type BodyReader, createBodyReader, type Incoming, join } from './body-reader.ts';
import {
  assertKind,
  assertSizes,
  headLength,
  type StagedFormat,
  stagedMediaTypes,
} from './declared-audio.ts';
import { createDigest } from './digest-workers.ts';
import { StagingError } from './failure.ts';

declare const FixedLengthStream: new (
  length: number,
) => { readonly readable: R2Stream; readonly writable: WritableStream<Uint8Array> };

/** R2 wants parts of one size and of 5 MiB or more. One is held at a time. In bytes. */
const partSize = 5 * 1024 * 1024;

export interface Receipt {
  readonly incoming: Incoming;
  readonly format: StagedFormat;
  /** Of the object that is there when all has gone well, and only then. */
  readonly key: string;
  /** The largest body that is taken, in bytes. */
  readonly limit: number;
}

export interface Received {
  /** In bytes. */
  readonly length: number;
  /** Of the content, in hexadecimal digits. */
  readonly md5: string;
}

/** Throws StagingError, and leaves nothing behind where it does. */
export async function receive(bucket: R2Bucket, receipt: Receipt): Promise<Received> {
  const { incoming, format, key, limit } = receipt;
  const reader = createBodyReader(incoming, limit);
  try {
    const head = await reader.read(headLength);
    assertKind(head, format);
    if (incoming.length === null) return await receiveParts(bucket, receipt, { reader, head });
    assertSizes(head, format, incoming.length);
    return await receiveWhole(bucket, receipt, { head, surplus: reader.release(), length: incoming.length });
  } catch (cause) {
    // The store may have kept what it could not confirm.
    await Promise.allSettled([reader.cancel(), bucket.delete(key)]);
    throw cause instanceof StagingError ? cause : new StagingError({ kind: 'store-unavailable' }, { cause });
  }
}

interface Opening {
  readonly head: Uint8Array;
  readonly surplus: Uint8Array;
  readonly length: number;
}

/** An object appears when its last byte has come, so a body that breaks off leaves none. */
async function receiveWhole(
  bucket: R2Bucket,
  { incoming: { body }, format, key }: Receipt,
  { head, surplus, length }: Opening,
): Promise<Received> {
  const { readable, writable } = new FixedLengthStream(length);
  const [put, pumped] = await Promise.allSettled([
    bucket.put(key, readable, toOptions(format)),
    pump(body, writable, [head, surplus]),
  ]);
  if (put.status === 'fulfilled' && pumped.status === 'fulfilled') {
    const { checksums, etag } = put.value;
    return { length, md5: checksums.toJSON().md5 ?? etag };
  }
  const cause = put.status === 'rejected' ? put.reason : undefined;
  // The stream of a fixed length says so by a TypeError when it gets another one; the store fails by an Error of its own.
  const isSenders = cause instanceof TypeError || (await hasBroken(body));
  throw new StagingError({ kind: isSenders ? 'incomplete' : 'store-unavailable' }, { cause });
}

/** Whether reading the body failed, be it now or before. */
async function hasBroken(body: ReadableStream<Uint8Array>): Promise<boolean> {
  const reader = body.getReader();
  const broken = reader.closed.then(
    () => false,
    () => true,
  );
  return await Promise.race([broken, new Promise<false>((resolve) => setTimeout(() => resolve(false)))]);
}

/** Rejects when either end breaks, or when the body has another length than the stream was made for. */
async function pump(
  body: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
  opening: readonly Uint8Array[],
): Promise<void> {
  const writer = writable.getWriter();
  for (const bytes of opening) if (bytes.length > 0) await writer.write(bytes);
  writer.releaseLock();
  // Left open when the store fails, which tells the two ends' failures apart.
  await body.pipeTo(writable, { preventCancel: true });
}

async function receiveParts(
  bucket: R2Bucket,
  { format, key }: Receipt,
  { reader, head }: { readonly reader: BodyReader; readonly head: Uint8Array },
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
