/** Reads a snapshot of a list from any of its lines, part by part. */
import type { ListWarning } from '../legacy/list/list-warning.ts';
import { concatBytes } from '../primitives/bytes.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { storeTimeoutMs, withTimeout } from '../store/timeout.ts';
import type { ListedBatches } from './page.ts';
import { parseLines, type StoredRecording } from './snapshot-lines.ts';

export type SnapshotBatches = ListedBatches<StoredRecording>;

export interface ReadOptions {
  readonly store: ObjectStore;
  readonly key: string;
  /** Offset of a line, in bytes. */
  readonly offset: number;
  /** Size of the first read: about a page. */
  readonly firstPartBytes: number;
  /** Milliseconds since 1970; older snapshots are ignored. */
  readonly notBefore: number;
}

/** A page that needs more than its first part searches or filters, and needs much more. */
const partSizeBytes = 512 * 1024;
const lineFeed = 10;

/** Null if there is no such snapshot. Rejects if the store fails, as the batches do. */
export async function readSnapshot(options: ReadOptions): Promise<SnapshotBatches | null> {
  const { offset, firstPartBytes } = options;
  const first = await readPart(options, offset, firstPartBytes);
  return first && readBatches(options, first);
}

interface Part {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

async function* readBatches(options: ReadOptions, first: Part): SnapshotBatches {
  let rest: Uint8Array = new Uint8Array();
  let { offset } = options;
  let warnings: readonly ListWarning[] = [];
  for (let part = first; ; ) {
    const bytes = concatBytes([rest, part.bytes]);
    const lines = bytes.subarray(0, bytes.lastIndexOf(lineFeed) + 1);
    const parsed = parseLines(lines, offset);
    ({ warnings } = parsed);
    if (parsed.recordings.length > 0) yield parsed.recordings;
    if (part.isLast) return warnings;
    // Warnings about a recording in the next part are read again with it.
    rest = bytes.slice(parsed.end - offset);
    offset = parsed.end;
    const next = await readPart(options, offset + rest.length, partSizeBytes);
    if (!next) throw new Error('the snapshot is gone');
    part = next;
  }
}

async function readPart(options: ReadOptions, from: number, sizeBytes: number): Promise<Part | null> {
  const { store, key, notBefore } = options;
  const range = { first: from, last: from + sizeBytes - 1 };
  return await withTimeout(storeTimeoutMs, read());

  async function read(): Promise<Part | null> {
    const object = await store.get(key, { range });
    if (!object) return null;
    if (object.uploaded.getTime() < notBefore) {
      await object.body.cancel();
      return null;
    }
    const bytes = new Uint8Array(await new Response(object.body).arrayBuffer());
    return { bytes, isLast: object.range.end >= object.sizeBytes };
  }
}
