/** Spreads the calls of an export evenly over the minute. */
import { sleep } from '../primitives/sleep.ts';

export interface Pacer {
  /** Resolves when the next call may start. */
  next(): Promise<void>;
}

/** In milliseconds of one clock. */
export function createPacer(callsPerMinute: number, now: () => number = () => performance.now()): Pacer {
  const intervalMs = 60_000 / callsPerMinute;
  let nextAt = now() + intervalMs;
  return {
    async next() {
      const at = nextAt;
      nextAt = Math.max(nextAt, now()) + intervalMs;
      const waitMs = at - now();
      // Timers have a resolution of one millisecond.
      if (waitMs >= 1) await sleep(waitMs);
    },
  };
}
