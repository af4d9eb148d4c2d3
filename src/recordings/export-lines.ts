/** Streams the whole list as JSON lines. */
import type { LegacyRecording } from '../legacy/list/recording.ts';
import type { RecordBatches } from '../legacy/list/records.ts';
import type { IsWanted } from './list-filter.ts';

export interface ExportOptions {
  readonly isWanted: IsWanted;
  /** A recording's line, without the line break. */
  readonly toLine: (recording: LegacyRecording) => string;
  /** The sid after which the lines start; absent for the whole list. */
  readonly after?: string | undefined;
}

/** The list has no recording with the sid of `after`. */
export class UnknownSidError extends Error {
  override readonly name = 'UnknownSidError';
}

/**
 * Resolves at the first recordings, or at the end of an empty list, when the response can no longer turn out as a
 * failure. The stream reads no faster than its reader, and fails if the legacy service breaks off. Throws
 * UnknownSidError.
 */
export async function openExport(
  list: RecordBatches,
  { isWanted, toLine, after }: ExportOptions,
): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder();
  const batches = after === undefined ? list : skipTo(list, after);
  let next = await batches.next();
  return new ReadableStream({
    async pull(controller) {
      while (!next.done) {
        // Writes line by line: an array of lines made the process a third larger.
        let lines = '';
        for (const recording of next.value)
          if (isWanted?.(recording) !== false) lines += `${toLine(recording)}\n`;
        if (lines !== '') controller.enqueue(encoder.encode(lines));
        next = await batches.next();
        if (lines !== '') return;
      }
      controller.close();
    },
    async cancel() {
      await batches.return([]);
    },
  });
}

/** Skips everything up to and including the recording with this sid. */
async function* skipTo(list: RecordBatches, sid: string): RecordBatches {
  let isFound = false;
  try {
    for (;;) {
      const next = await list.next();
      if (next.done) {
        if (!isFound) throw new UnknownSidError();
        return next.value;
      }
      const index = isFound ? -1 : next.value.findIndex((recording) => recording.sid === sid);
      if (!isFound && index < 0) continue;
      isFound = true;
      yield next.value.slice(index + 1);
    }
  } finally {
    await list.return([]);
  }
}
