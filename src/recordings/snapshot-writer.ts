/** Stores a list while it is read: first by a page, then in the background. */
import type { ListWarning } from '../legacy/list/list-warning.ts';
import type { LegacyRecording } from '../legacy/list/recording.ts';
import type { RecordBatches } from '../legacy/list/records.ts';
import { concatBytes } from '../primitives/bytes.ts';
import type { StoreWriter } from '../store/object-store.ts';
import { storeTimeoutMs, withTimeout } from '../store/timeout.ts';
import { type ToLine, toLines, warningsLine } from './snapshot-lines.ts';

export interface SnapshotWriterOptions {
  readonly writer: StoreWriter;
  readonly toLine: ToLine;
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Called if the store fails; the list continues without it. */
  readonly onFailure: (cause: unknown) => void;
  /** Called at the end with whether the snapshot is stored. Never rejects. */
  readonly onEnd: (isStored: boolean) => Promise<void>;
}

export interface TeedList {
  /** If they return early, the rest of the list is read in the background. */
  readonly batches: RecordBatches;
  /** The offset of a recording of the latest batch, in bytes; null if it has none, or if nothing is stored any more. */
  offsetOf(recording: LegacyRecording): number | null;
}

/** The snapshot appears at its end: a list that breaks off, or whose process ends, leaves none. */
export function teeToSnapshot(list: RecordBatches, options: SnapshotWriterOptions): TeedList {
  const { writer, toLine, waitUntil, onFailure, onEnd } = options;
  let latest: readonly LegacyRecording[] = [];
  let latestOffset = 0;
  let sizeBytes = 0;
  let isGivenUp = false;
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;

  async function giveUp(): Promise<void> {
    if (isGivenUp) return;
    isGivenUp = true;
    await writer.abort();
    await onEnd(false);
  }

  async function attempt(step: () => Promise<void>): Promise<void> {
    if (isGivenUp) return;
    try {
      await withTimeout(storeTimeoutMs, step());
    } catch (cause) {
      onFailure(cause);
      await withTimeout(storeTimeoutMs, giveUp()).catch(onFailure);
    }
  }

  async function flush(): Promise<void> {
    const chunk = concatBytes(pending);
    pending = [];
    pendingBytes = 0;
    if (chunk.length > 0) await writer.write(chunk);
  }

  async function add(text: string): Promise<void> {
    const bytes = encoder.encode(text);
    sizeBytes += bytes.length;
    pending.push(bytes);
    pendingBytes += bytes.length;
    if (pendingBytes >= chunkSizeBytes) await attempt(flush);
  }

  async function store(batch: readonly LegacyRecording[]): Promise<void> {
    latest = batch;
    latestOffset = sizeBytes;
    if (!isGivenUp) await add(toLines(batch, toLine));
  }

  async function finish(warnings: readonly ListWarning[]): Promise<void> {
    await add(warningsLine(warnings));
    await attempt(flush);
    await attempt(() => writer.close());
    if (!isGivenUp) await onEnd(true);
  }

  async function storeRest(): Promise<void> {
    try {
      let next = await list.next();
      for (; !next.done && !isGivenUp; next = await list.next()) await store(next.value);
      if (next.done) await finish(next.value);
      else await list.return([]);
    } catch {
      await giveUp();
    }
  }

  async function* pass(): RecordBatches {
    let isOver = false;
    try {
      for (;;) {
        const next = await list.next();
        isOver = next.done === true;
        if (next.done) {
          waitUntil(finish(next.value));
          return next.value;
        }
        await store(next.value);
        yield next.value;
      }
    } catch (error) {
      isOver = true;
      waitUntil(giveUp());
      throw error;
    } finally {
      if (!isOver) waitUntil(storeRest());
    }
  }

  return {
    batches: pass(),
    offsetOf(recording) {
      const index = latest.indexOf(recording);
      if (index < 0 || isGivenUp) return null;
      return latestOffset + encoder.encode(toLines(latest.slice(0, index), toLine)).length;
    },
  };
}

const chunkSizeBytes = 128 * 1024;
const encoder = new TextEncoder();
