/** One retry after a transient failure, where repeating the call is safe. */
import { sleep } from '../../primitives/sleep.ts';
import { LegacyError } from '../failure.ts';
import { NotSentError, ProtocolError } from '../transport.ts';
import type { LegacyAction } from '../wire.ts';

export interface Retry {
  /** Makes at most two attempts, and waits between them no longer than the signal allows. */
  run<T>(attempt: () => Promise<T>, options: { action: LegacyAction; signal: AbortSignal }): Promise<T>;
}

export interface RetryOptions {
  /** In milliseconds since 1970. */
  readonly now?: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/**
 * Retry budget: a fifth of the calls of the last ten seconds, plus three. It caps the extra load on a legacy service
 * that fails every call.
 */
const share = 0.2;
const spare = 3;
const span = 10;

/** In milliseconds. */
const pause = { least: 50, most: 250 };

/** In seconds. A longer `Retry-After` is passed to the client at once. */
const maxRetryAfter = 2;

export function createRetry({ now = Date.now, random = Math.random }: RetryOptions = {}): Retry {
  const calls = createCounter(now);
  const retries = createCounter(now);
  return {
    async run(attempt, { action, signal }) {
      calls.add();
      try {
        return await attempt();
      } catch (error) {
        const wait = toWait(error, action, random());
        if (wait === null || signal.aborted || retries.sum() >= calls.sum() * share + spare) throw error;
        retries.add();
        await sleep(wait, signal).catch(() => {});
        if (signal.aborted) throw error;
        return await attempt();
      }
    },
  };
}

/** In milliseconds; null if the call is not retried. */
function toWait(error: unknown, action: LegacyAction, luck: number): number | null {
  if (!(error instanceof LegacyError) || !isRepeatable(error, action)) return null;
  const jitter = pause.least + luck * (pause.most - pause.least);
  const asked = error.failure.kind === 'unavailable' ? (error.failure.retryAfter ?? 0) : 0;
  return asked > maxRetryAfter ? null : asked * 1000 + jitter;
}

function isRepeatable({ failure, cause }: LegacyError, action: LegacyAction): boolean {
  const wasNotSent = cause instanceof NotSentError;
  if (action === 'recording.upload') return false;
  // A repeated removal would report that the recording does not exist.
  if (action === 'recording.remove') return wasNotSent;
  switch (failure.kind) {
    case 'unreachable':
    case 'unavailable':
      return true;
    case 'timeout':
      return wasNotSent;
    case 'invalid-response':
    case 'failed':
      // On Node, a lenient parser reads the second response.
      return failure.status === 502 || failure.status === 504 || cause instanceof ProtocolError;
    default:
      return false;
  }
}

/** Counts events of the last seconds, one number per second. */
function createCounter(now: () => number) {
  const counts = new Map<number, number>();
  const second = () => Math.floor(now() / 1000);

  function forget(): void {
    for (const past of counts.keys()) if (past <= second() - span) counts.delete(past);
  }

  return {
    add() {
      const at = second();
      const count = counts.get(at);
      // Expire here as well: sum() is called only after a failure.
      if (count === undefined) forget();
      counts.set(at, (count ?? 0) + 1);
    },
    sum() {
      forget();
      return counts.values().reduce((sum, count) => sum + count, 0);
    },
  };
}
