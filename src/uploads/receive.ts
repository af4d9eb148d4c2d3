/** Streams an upload's body into the store, or only through its digest. */
import { type AudioFormat, formats } from '../audio/formats.ts';
import type { CreateDigest } from '../primitives/runtime-streams.ts';
import { StoreError } from '../store/failure.ts';
import type { ObjectStore, StoreWriter } from '../store/object-store.ts';
import type { Incoming } from './body-reader.ts';
import { StagingError } from './failure.ts';

/** Large enough to run the script rarely; as fast as a pipe. */
const pieceSizeBytes = 1024 * 1024;

export interface Receipt {
  readonly incoming: Incoming;
  readonly format: AudioFormat;
  readonly key: string;
  /** Null if no digest is needed. */
  readonly createDigest: CreateDigest | null;
}

export interface Received {
  /** In bytes. */
  readonly length: number;
  /** SHA-256 of the content, in hexadecimal digits; null if none was needed. */
  readonly digest: string | null;
}

/** Throws StagingError or StoreError, and then leaves no object behind. */
export async function receive(store: ObjectStore, receipt: Receipt): Promise<Received> {
  const { incoming, format, key, createDigest } = receipt;
  const { reader, length } = incoming;
  const digest = createDigest?.() ?? null;
  let writer: StoreWriter | null = null;
  try {
    writer = store.write(key, { lengthBytes: length, contentType: formats[format].mediaType });
    for (
      let piece = await reader.read(pieceSizeBytes);
      piece.length > 0;
      piece = await reader.read(pieceSizeBytes)
    ) {
      if (length !== null && reader.count > length) throw new StagingError({ kind: 'incomplete' });
      await Promise.all([writer.write(piece), digest?.update(piece)]);
      reader.recycle(piece);
    }
    if (length !== null && reader.count < length) throw new StagingError({ kind: 'incomplete' });
    await writer.close();
    return { length: reader.count, digest: (await digest?.end()) ?? null };
  } catch (cause) {
    await Promise.allSettled([reader.cancel(), writer?.abort()]);
    if (cause instanceof StagingError) throw cause;
    throw new StoreError({ kind: 'upload-not-stored' }, { cause });
  }
}

/** Reads a body to its end without storing it. Throws StagingError. */
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
