/** Adds up the reports of all chunks. */
import type { ReportRow } from './rows.ts';
import type { ChunkCounts, ExportFailure, ExportState, Progress } from './state.ts';
import { maxFailures } from './state.ts';

export function countRows(rows: readonly ReportRow[]): ChunkCounts {
  const count = (outcome: ReportRow['outcome']) => rows.filter((row) => row.outcome === outcome).length;
  const bytes = rows.reduce(
    (sum, { outcome, copy }) => sum + (outcome === 'copied' ? (copy?.bytes ?? 0) : 0),
    0,
  );
  return [count('copied'), count('skipped'), count('waiting'), count('failed'), bytes];
}

function sumCounts(listed: number, counts: readonly ChunkCounts[]): Progress {
  const sum = (index: 0 | 1 | 2 | 3 | 4) => counts.reduce((total, chunk) => total + chunk[index], 0);
  return { listed, copied: sum(0), skipped: sum(1), waiting: sum(2), failed: sum(3), bytes: sum(4) };
}

/** The state's counts, progress and failures with the report of a chunk. */
export function withChunk(
  { counts, progress, failures }: ExportState,
  chunk: number,
  { counted, failed }: { readonly counted: ChunkCounts; readonly failed: readonly ExportFailure[] },
): Pick<ExportState, 'counts' | 'progress' | 'failures'> {
  const all = counts.with(chunk, counted);
  const others = failures.filter((failure) => failure.chunk !== chunk);
  return {
    counts: all,
    progress: sumCounts(progress.listed, all),
    failures: [...others, ...failed].slice(0, maxFailures),
  };
}
