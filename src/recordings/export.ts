/** The whole list as JSON lines, while it arrives. */
import type { LegacyRecording } from '../legacy/recording.ts';

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
  batches: AsyncGenerator<readonly LegacyRecording[], void>,
  { isWanted, toLine }: ExportOptions,
): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder();
  let next = await batches.next();
  return new ReadableStream({
    async pull(controller) {
      while (!next.done) {
        const lines = next.value.filter(isWanted).map((recording) => `${toLine(recording)}\n`);
        if (lines.length > 0) controller.enqueue(encoder.encode(lines.join('')));
        next = await batches.next();
        if (lines.length > 0) return;
      }
      controller.close();
    },
    async cancel() {
      await batches.return();
    },
  });
}
