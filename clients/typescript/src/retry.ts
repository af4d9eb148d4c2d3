/** Which failures are worth another attempt, and after how long. */
import { ConnectionFailed, RecordingsProblem } from './problem.ts';

export interface RetryOptions {
  /** Attempts in all; 1 never retries. By default 4. */
  readonly attempts?: number;
  /** A longer `Retry-After` is reported instead of waited for. By default 60,000. */
  readonly maxWaitMs?: number;
}

/**
 * `safe`: repeating it changes nothing more. `keyed`: an upload with an `Idempotency-Key`, whose repetition returns the first
 * response. `once`: an upload without one, which a second attempt could make twice.
 */
export type Repetition = 'safe' | 'keyed' | 'once';

const temporary: Readonly<Record<Repetition, readonly number[]>> = {
  safe: [429, 502, 503, 504],
  // A 502 or 504 would be repeated as it is.
  keyed: [429, 503],
  once: [],
};

/** These last until something else changes. */
const lasting: readonly string[] = ['legacy-failed', 'legacy-credentials-rejected'];

/** The pause before attempt `attempt + 1`, in milliseconds; null to stop. */
export function toPause(
  failure: unknown,
  { attempt, repetition, retry }: { attempt: number; repetition: Repetition; retry: RetryOptions },
): number | null {
  const { attempts = 4, maxWaitMs = 60_000 } = retry;
  if (attempt >= attempts || repetition === 'once') return null;
  // Full jitter: clients that failed together do not come back together.
  const backoff = Math.random() * 250 * 2 ** attempt;
  if (failure instanceof ConnectionFailed) return backoff;
  if (!(failure instanceof RecordingsProblem) || lasting.includes(failure.slug)) return null;
  const isInUse = repetition === 'keyed' && failure.slug === 'idempotency-key-in-use';
  if (!isInUse && !temporary[repetition].includes(failure.status)) return null;
  const pause = failure.retryAfterMs ?? backoff;
  return pause > maxWaitMs ? null : pause;
}

/** Rejects with the signal's reason as soon as it aborts. */
export function sleep(milliseconds: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
