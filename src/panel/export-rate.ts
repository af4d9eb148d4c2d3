/** How fast an export proceeds, from what was reported in the last half minute. */
import type { ExportProgress } from '../../clients/typescript/src/index.ts';

export interface Sample {
  /** When the panel received it, on any clock. */
  readonly atMs: number;
  /** Recordings that are copied, skipped or failed. */
  readonly done: number;
  readonly bytes: number;
}

export interface Rate {
  readonly recordingsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Null while nothing moves. */
  readonly secondsLeft: number | null;
}

const windowMs = 30_000;
/** Copies are reported in batches: a shorter time says little. */
const leastMs = 1500;

export function countDone({ copied, skipped, failed }: ExportProgress): number {
  return copied + skipped + failed;
}

/** The samples of the window, and the one before it. Starts anew when the counts go back, as they do for a retry. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last && (sample.done < last.done || sample.bytes < last.bytes)) return [sample];
  const first = samples.findLastIndex(({ atMs }) => atMs <= sample.atMs - windowMs);
  return [...samples.slice(Math.max(0, first)), sample];
}

/** Null while the samples span too short a time. */
export function toRate(samples: readonly Sample[], listed: number): Rate | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.atMs - first.atMs < leastMs) return null;
  const seconds = (last.atMs - first.atMs) / 1000;
  const recordingsPerSecond = (last.done - first.done) / seconds;
  const bytesPerSecond = (last.bytes - first.bytes) / seconds;
  const left = Math.max(0, listed - last.done);
  const secondsLeft = recordingsPerSecond > 0 ? left / recordingsPerSecond : null;
  return { recordingsPerSecond, bytesPerSecond, secondsLeft };
}
