/** The whole list as JSON lines, while it arrives. */
import type { LegacyRecording } from '../legacy/list/recording.ts';
import type { RecordBatches } from '../legacy/list/records.ts';

export interface ExportOptions {
  readonly isWanted: (recording: LegacyRecording) => boolean;
  /** A recording's line, without the line break. */
  readonly toLine: (recording: LegacyRecording) => string;
}

/**
 * Resolves when the legacy has shown that it means it: its first recordings, or the end of an empty list, are there.
 * The stream reads on only as it is read itself, and errors where the legacy breaks off.
 */
export async function openExport(
  batches: RecordBatches,
  { isWanted, toLine }: ExportOptions,
): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder();
  let next = await batches.next();
  return new ReadableStream({
    async pull(controller) {
      while (!next.done) {
        // Line by line: what an array of them would keep alive made the process a third larger.
        let lines = '';
        for (const recording of next.value) if (isWanted(recording)) lines += `${toLine(recording)}\n`;
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
