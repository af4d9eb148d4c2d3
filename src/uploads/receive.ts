/** Streams an upload's body into the store, or past it when only its digest is needed. */
import type { CreateDigest } from '../primitives/runtime-streams.ts';
import { StoreError } from '../store/failure.ts';
import type { ObjectStore, StoreWriter } from '../store/object-store.ts';
import type { Incoming } from './body-reader.ts';
import {
  assertKind,
  assertSizes,
  headLength,
  type StagedFormat,
  stagedMediaTypes,
} from './declared-audio.ts';
import { StagingError } from './failure.ts';

/** Large enough for few turns of the script, and as fast as a pipe. */
const pieceSizeBytes = 1024 * 1024;

export interface Receipt {
  readonly incoming: Incoming;
  readonly format: StagedFormat;
  readonly key: string;
  /** Null where no digest is needed. */
  readonly createDigest: CreateDigest | null;
}

export interface Received {
  /** In bytes. */
  readonly length: number;
  /** SHA-256 of the content, in hexadecimal digits; null where none was needed. */
  readonly digest: string | null;
}

/** Throws StagingError or StoreError, and leaves no object behind then. */
export async function receive(store: ObjectStore, receipt: Receipt): Promise<Received> {
  const { incoming, format, key, createDigest } = receipt;
  const { reader, length } = incoming;
  const digest = createDigest?.() ?? null;
  let writer: StoreWriter | null = null;
  try {
    const head = await reader.read(headLength);
    assertKind(head, format);
    if (length !== null) assertSizes(head, format, length);
    writer = store.write(key, { lengthBytes: length, contentType: stagedMediaTypes[format] });
    for (let piece = head; piece.length > 0; piece = await reader.read(pieceSizeBytes)) {
      if (length !== null && reader.count > length) throw new StagingError({ kind: 'incomplete' });
      await Promise.all([writer.write(piece), digest?.update(piece)]);
      // The head is still needed.
      if (piece !== head) reader.recycle(piece);
    }
    if (length !== null && reader.count < length) throw new StagingError({ kind: 'incomplete' });
    if (length === null) assertSizes(head, format, reader.count);
    await writer.close();
    return { length: reader.count, digest: (await digest?.end()) ?? null };
  } catch (cause) {
    await Promise.allSettled([reader.cancel(), writer?.abort()]);
    if (cause instanceof StagingError) throw cause;
    throw new StoreError({ kind: 'upload-not-stored' }, { cause });
  }
}

/** Reads a body to its end and stores none of it. Throws StagingError. */
export async function digestBody(
  { reader, length }: Incoming,
  createDigest: CreateDigest,
): Promise<Received> {
  const digest = createDigest();
  try {
    for (
      let piece = await reader.read(pieceSizeBytes);
      piece.length > 0;
      piece = await reader.read(pieceSizeBytes)
    ) {
      await digest.update(piece);
      reader.recycle(piece);
    }
  } catch (cause) {
    await reader.cancel();
    throw cause;
  }
  const isWhole = length === null || length === reader.count;
  if (!isWhole) throw new StagingError({ kind: 'incomplete' });
  return { length: reader.count, digest: await digest.end() };
}
