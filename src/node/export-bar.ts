/** The progress bar of `npm run export`, on stderr: a bar in a terminal, a line every ten seconds elsewhere. */
import { Presets, SingleBar } from 'cli-progress';
import type { ExportState } from '../exports/state.ts';

export interface ExportBar {
  show(state: ExportState): void;
  stop(): void;
}

const lineEveryMs = 10_000;

export function createExportBar(): ExportBar {
  const bar = new SingleBar(
    {
      format:
        '{status} [{bar}] {percentage}% | {value} of {total} recordings | {detail} | {eta_formatted} left',
      stream: process.stderr,
      noTTYOutput: true,
      notTTYSchedule: lineEveryMs,
      // A retry or a pause changes the pace.
      etaBuffer: 100,
      hideCursor: true,
    },
    Presets.legacy,
  );
  let isStarted = false;
  return {
    show(state) {
      const { value, total, payload } = toBar(state);
      if (total === 0) return;
      if (!isStarted) bar.start(total, value, payload);
      isStarted = true;
      if (bar.getTotal() !== total) bar.setTotal(total);
      bar.update(value, payload);
    },
    stop() {
      if (isStarted) bar.stop();
    },
  };
}

function toBar({ status, reason, progress, deletion }: ExportState) {
  const { listed, copied, skipped, failed, bytes } = progress;
  if (deletion) {
    const payload = { status: 'deleting', detail: `${deletion.failed} kept after a failure` };
    return { value: deletion.deleted + deletion.failed, total: copied + skipped, payload };
  }
  const megabytes = `${(bytes / 1_000_000).toFixed(1)} MB`;
  const detail = [megabytes, ...(failed > 0 ? [`${failed} failed`] : []), ...(reason ? [reason] : [])];
  const payload = { status, detail: detail.join(', ') };
  return { value: copied + skipped + failed, total: listed, payload };
}
