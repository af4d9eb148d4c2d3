/** One request's use of the legacy: its place in the queue, its clocks, its tries, and the end of all these. */

import { LegacyError } from '../failure.ts';
import type { LegacyResponse } from '../transport.ts';
import type { LegacyAction } from '../wire.ts';
import { type Bulkhead, createBulkhead } from './bulkhead.ts';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import type { CallContext } from './context.ts';
import { createDeadline, type Deadline, type Deadlines } from './deadline.ts';
import { createPace, type Pace } from './pace.ts';
import { createRetry, type Retry } from './retry.ts';
import { createCallTrace } from './trace.ts';
import { watchBody } from './watched-body.ts';

/**
 * `calls` end with their response; `streams` hold their slot for as long as a client reads, and `uploads` for as long as the
 * legacy service fetches, whether or not the client still waits.
 */
export const pools = ['calls', 'streams', 'uploads'] as const;
export type Pool = (typeof pools)[number];

export interface Resilience {
  readonly breaker: CircuitBreaker;
  readonly pools: Readonly<Record<Pool, Bulkhead>>;
  readonly retry: Retry;
  readonly deadlines: Deadlines;
  /** What a client takes of a stream at least. */
  readonly minClientBytesPerSecond: number;
}

export interface ResilienceOptions {
  readonly deadlines: Deadlines;
  readonly limits: Readonly<Record<Pool, number>>;
  /** How long a circuit stays open, in milliseconds. */
  readonly circuitOpen: number;
  /** What a client takes of a stream at least; 0 lets it take any time. */
  readonly minClientBytesPerSecond: number;
}

/** As many calls may wait as may run. */
export function createResilience(options: ResilienceOptions): Resilience {
  const { deadlines, limits, circuitOpen, minClientBytesPerSecond } = options;
  const spareMs = 5000;
  const pool = (limit: number, longestMs: number) =>
    createBulkhead({ limit, queue: limit, lifetimeMs: longestMs + spareMs });
  return {
    breaker: createCircuitBreaker({ openForMs: circuitOpen }),
    retry: createRetry(),
    deadlines,
    minClientBytesPerSecond,
    pools: {
      calls: pool(limits.calls, deadlines.answer),
      streams: pool(limits.streams, deadlines.audio),
      uploads: pool(limits.uploads, deadlines.upload),
    },
  };
}

interface Attempt<T> {
  readonly action: LegacyAction;
  /** Sends the call. */
  readonly send: (signal: AbortSignal) => Promise<LegacyResponse>;
  /** Makes of its answer what the request is after; afterwards there is no further try. */
  readonly use: (answer: LegacyResponse) => Promise<T>;
}

export interface LegacyCallSession {
  readonly deadline: Deadline;
  /** The answer of the first try that succeeds, or the last one's failure, always as a LegacyError. */
  attempt<T>(attempt: Attempt<T>): Promise<T>;
  /** From now on a client reads: each wait for the legacy service is limited, and so is how slowly the client reads. */
  beginStream(): void;
  /** Stops the clocks and gives up the place; with what broke off an answer that is passed on. Safe to call twice. */
  end(cause?: unknown): void;
}

export interface CallSessionOptions extends Pick<CallContext, 'caller' | 'signal' | 'trace' | 'onOutcome'> {
  readonly pool: Pool;
}

/** Waits for a place. Throws LegacyError. */
export async function openCallSession(
  resilience: Resilience,
  options: CallSessionOptions,
): Promise<LegacyCallSession> {
  const { breaker, pools, retry, deadlines } = resilience;
  const { pool, caller, signal, trace = createCallTrace(), onOutcome } = options;
  const { accountId: account, subject } = caller;
  breaker.check(account);
  const startedAt = performance.now();
  const deadline = createDeadline(signal);
  deadline.endAfter(deadlines.firstByte);
  const leave = await pools[pool].enter({ account, subject }, deadline.signal).catch((cause) => {
    deadline.clear();
    const error = deadline.toError(cause);
    // No slot in time is no fault of the legacy service.
    throw error.failure.kind === 'timeout' ? new LegacyError({ kind: 'overloaded' }, { cause }) : error;
  });
  trace.open += 1;
  let isOver = false;
  let pace: Pace | null = null;

  function end(cause?: unknown): void {
    if (isOver) return;
    isOver = true;
    if (cause !== undefined) trace.streamError = deadline.toError(cause).failure;
    deadline.clear();
    pace?.clear();
    leave();
    trace.open -= 1;
    if (trace.open === 0) trace.onEnd?.();
  }

  async function tryOnce<T>({ send, use }: Attempt<T>): Promise<T> {
    let answer: LegacyResponse | undefined;
    trace.attempts += 1;
    try {
      answer = await send(deadline.signal);
      trace.status = answer.status;
      const countRepairs = (count: number) => {
        trace.repairs += count;
      };
      const body = watchBody(answer.body, { deadline, trace, end, pace: () => pace });
      const result = await use({ ...answer, body, countRepairs });
      onOutcome?.(null);
      return result;
    } catch (cause) {
      const error = deadline.toError(cause);
      onOutcome?.(error.failure);
      await answer?.body.cancel();
      throw error;
    } finally {
      trace.time = performance.now() - startedAt;
    }
  }

  return {
    deadline,
    end,
    beginStream() {
      deadline.idleTimeout(deadlines.idle);
      pace ??= createPace({
        minBytesPerSecond: resilience.minClientBytesPerSecond,
        isContended: () => pools[pool].waiting > 0,
        onSlow() {
          const error = new LegacyError({ kind: 'slow-client' });
          deadline.abort(error);
          end(error);
        },
      });
    },
    attempt: (attempt) =>
      retry.run(() => breaker.run({ account, action: attempt.action }, () => tryOnce(attempt)), {
        action: attempt.action,
        signal: deadline.signal,
      }),
  };
}
