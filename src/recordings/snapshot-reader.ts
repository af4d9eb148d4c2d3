/** Reads a snapshot of a list from any of its lines on, and keeps what the next page of a walk needs. */
import QuickLRU from 'quick-lru';
import { concatBytes } from '../primitives/bytes.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { storeTimeoutMs, withTimeout } from '../store/timeout.ts';
import type { ListedBatches } from './page.ts';
import { parseLines, type StoredRecording } from './snapshot-lines.ts';

export type SnapshotBatches = ListedBatches<StoredRecording>;

interface ReadOptions {
  readonly key: string;
  /** Offset of a line, in bytes. */
  readonly offset: number;
  /** Parsed first: about a page, from one chunk or from two. */
  readonly firstPartBytes: number;
  /** Milliseconds since 1970; older snapshots are ignored. */
  readonly notBefore: number;
}

/** Null if there is no such snapshot. Rejects if the store fails, as the batches do. */
export type ReadSnapshot = (options: ReadOptions) => Promise<SnapshotBatches | null>;

/** One read of the store: several pages of a walk. */
const smallChunkBytes = 256 * 1024;
const largeChunkBytes = 1024 * 1024;
/** For pages of which a small chunk has few. */
const largePageBytes = 64 * 1024;
/** At most twice as many are in memory: 16 MiB if all are large. */
const maxChunks = 8;
const chunkLifetimeMs = 60_000;
const lineFeed = 10;

interface Chunk {
  readonly bytes: Uint8Array;
  /** Of the whole snapshot. */
  readonly sizeBytes: number;
  /** Milliseconds since 1970. */
  readonly storedAt: number;
}

export function createSnapshotReader(store: ObjectStore): ReadSnapshot {
  /** A snapshot never changes, so the next page of a walk is read from here. */
  const chunks = new QuickLRU<string, Chunk>({ maxSize: maxChunks, maxAge: chunkLifetimeMs });

  /** A known chunk needs no timeout, whose timer takes 3 % of a short page. */
  async function findChunk(key: string, first: number, sizeBytes: number): Promise<Chunk | null> {
    const name = `${key} ${first} ${sizeBytes}`;
    const known = chunks.get(name);
    if (known) return known;
    const chunk = await withTimeout(storeTimeoutMs, readChunk(key, first, sizeBytes));
    if (chunk) chunks.set(name, chunk);
    return chunk;
  }

  async function readChunk(key: string, first: number, sizeBytes: number): Promise<Chunk | null> {
    const object = await store.get(key, { range: { first, last: first + sizeBytes - 1 } });
    if (!object) return null;
    const bytes = new Uint8Array(await new Response(object.body).arrayBuffer());
    // Otherwise, the next read would ask for the rest of these bytes forever.
    if (bytes.length !== object.range.end - object.range.start) throw new Error('the snapshot is cut');
    return { bytes, sizeBytes: object.sizeBytes, storedAt: object.uploaded.getTime() };
  }

  /** Up to that many bytes, as far as the chunk has them. */
  async function readPart(
    { key, notBefore, firstPartBytes }: ReadOptions,
    from: number,
    wantedBytes: number,
  ): Promise<Part | null> {
    const chunkSizeBytes = firstPartBytes > largePageBytes ? largeChunkBytes : smallChunkBytes;
    const start = from % chunkSizeBytes;
    const chunk = await findChunk(key, from - start, chunkSizeBytes);
    if (!chunk || chunk.storedAt < notBefore) return null;
    const bytes = chunk.bytes.subarray(start, start + wantedBytes);
    return { bytes, isLast: from + bytes.length >= chunk.sizeBytes };
  }

  async function* readBatches(options: ReadOptions, first: Part): SnapshotBatches {
    let rest: Uint8Array = new Uint8Array();
    let { offset, firstPartBytes } = options;
    for (let part = first; ; ) {
      const bytes = concatBytes([rest, part.bytes]);
      const lines = bytes.subarray(0, bytes.lastIndexOf(lineFeed) + 1);
      const { recordings, warnings, end } = parseLines(lines, offset);
      if (recordings.length > 0) yield recordings;
      if (part.isLast) return warnings;
      // Warnings about a recording in the next part are read again with it.
      rest = bytes.slice(end - offset);
      offset = end;
      firstPartBytes -= part.bytes.length;
      const wantedBytes = firstPartBytes > 0 ? firstPartBytes : smallChunkBytes;
      const next = await readPart(options, offset + rest.length, wantedBytes);
      if (!next) throw new Error('the snapshot is gone');
      part = next;
    }
  }

  return async (options) => {
    const first = await readPart(options, options.offset, options.firstPartBytes);
    return first && readBatches(options, first);
  };
}

interface Part {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}
