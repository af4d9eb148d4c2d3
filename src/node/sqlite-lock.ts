/** Waits while another process writes to the same SQLite file. */
import { sleep } from '../primitives/sleep.ts';

/** How long a call waits for the transactions of other processes, in milliseconds. */
export const busyMs = 5000;

/** Between attempts, on average. Most transactions take less. */
const retryMs = 5;

/** SQLite's own wait would stop every request of this process. */
export async function untilUnlocked<Value>(call: () => Value): Promise<Awaited<Value>> {
  const deadline = performance.now() + busyMs;
  // Random, so that processes that start together do not meet again.
  for (; ; await sleep(retryMs * (0.5 + Math.random()))) {
    try {
      return await call();
    } catch (error) {
      if (!isLocked(error) || performance.now() > deadline) throw error;
    }
  }
}

/** SQLITE_BUSY, in the low byte of its extended codes, perhaps as the cause of openworkflow's own error. */
function isLocked(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('errcode' in error && typeof error.errcode === 'number') return (error.errcode & 0xff) === 5;
  return isLocked(error.cause);
}
