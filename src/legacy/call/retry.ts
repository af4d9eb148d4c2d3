/** A second try where the first one failed for a reason that may be gone by now, and where trying twice does no harm. */
import { sleep } from '../../primitives/sleep.ts';
import { LegacyError } from '../failure.ts';
import { NotSentError } from '../transport.ts';
import type { LegacyAction } from '../wire.ts';

export interface Retry {
  /** At most two tries. Waits in between, but not beyond the signal. */
  run<T>(attempt: () => Promise<T>, options: { action: LegacyAction; signal: AbortSignal }): Promise<T>;
}

export interface RetryOptions {
  /** In milliseconds since 1970. */
  readonly now?: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** Of the calls of the last ten seconds, and this many more: a legacy that fails everywhere is not asked twice as much. */
const share = 0.2;
const spare = 3;
const span = 10;

/** In milliseconds. */
const pause = { least: 50, most: 250 };

/** In seconds. Who is asked to wait longer is told so instead of being kept waiting. */
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

/** In milliseconds; null where there is no second try. */
function toWait(error: unknown, action: LegacyAction, luck: number): number | null {
  if (!(error instanceof LegacyError) || !isRepeatable(error, action)) return null;
  const jitter = pause.least + luck * (pause.most - pause.least);
  const asked = error.failure.kind === 'unavailable' ? (error.failure.retryAfter ?? 0) : 0;
  return asked > maxRetryAfter ? null : asked * 1000 + jitter;
}

function isRepeatable({ failure, cause }: LegacyError, action: LegacyAction): boolean {
  const wasNotSent = cause instanceof NotSentError;
  if (action === 'recording.upload') return false;
  // Twice removed is once too often: the second try would be told that there is no such recording.
  if (action === 'recording.remove') return wasNotSent;
  switch (failure.kind) {
    case 'unreachable':
    case 'unavailable':
      return true;
    case 'timeout':
      return wasNotSent;
    case 'invalid-response':
    case 'failed':
      return failure.status === 502 || failure.status === 504;
    default:
      return false;
  }
}

/** Counts what happened within the last seconds, a number for each. */
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
      // Here too: as long as nothing fails, nobody asks for the sum.
      if (count === undefined) forget();
      counts.set(at, (count ?? 0) + 1);
    },
    sum() {
      forget();
      return counts.values().reduce((sum, count) => sum + count, 0);
    },
  };
}
