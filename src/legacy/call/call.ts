/** One request's session with the legacy service: its slot, timeouts, attempts and end. */

import { LegacyError } from '../failure.ts';
import type { LegacyResponse } from '../transport.ts';
import type { LegacyAction } from '../wire.ts';
import { type Bulkhead, createBulkhead } from './bulkhead.ts';
import { type CircuitBreaker, type CircuitBreakerOptions, createCircuitBreaker } from './circuit-breaker.ts';
import type { CallContext } from './context.ts';
import { createDeadline, type Deadline, type Deadlines } from './deadline.ts';
import { createPace, type Pace } from './pace.ts';
import { createRetry, type Retry } from './retry.ts';
import { createCallTrace } from './trace.ts';
import { watchBody } from './watched-body.ts';

/**
 * `calls` end with their response. `streams` hold their slot while a client reads, and `uploads` while the legacy
 * service fetches, even if the client has disconnected.
 */
export const pools = ['calls', 'streams', 'uploads'] as const;
export type Pool = (typeof pools)[number];

export interface Resilience {
  readonly breaker: CircuitBreaker;
  readonly pools: Readonly<Record<Pool, Bulkhead>>;
  readonly retry: Retry;
  readonly deadlines: Deadlines;
  /** Slowest rate at which a client may read a stream. */
  readonly minClientBytesPerSecond: number;
}

export interface ResilienceOptions {
  readonly deadlines: Deadlines;
  readonly limits: Readonly<Record<Pool, number>>;
  /** How long a circuit stays open, in milliseconds. */
  readonly circuitOpen: number;
  /** Slowest rate at which a client may read a stream; 0 disables the limit. */
  readonly minClientBytesPerSecond: number;
  readonly onCircuitChange?: CircuitBreakerOptions['onChange'];
}

/** The queue is as long as its pool is large. */
export function createResilience(options: ResilienceOptions): Resilience {
  const { deadlines, limits, circuitOpen, minClientBytesPerSecond, onCircuitChange } = options;
  const spareMs = 5000;
  const pool = (limit: number, longestMs: number) =>
    createBulkhead({ limit, queue: limit, lifetimeMs: longestMs + spareMs });
  return {
    breaker: createCircuitBreaker({ openForMs: circuitOpen, onChange: onCircuitChange }),
    retry: createRetry(),
    deadlines,
    minClientBytesPerSecond,
    pools: {
      calls: pool(limits.calls, deadlines.response),
      streams: pool(limits.streams, deadlines.audio),
      uploads: pool(limits.uploads, deadlines.upload),
    },
  };
}

interface Attempt<T> {
  readonly action: LegacyAction;
  readonly send: (signal: AbortSignal) => Promise<LegacyResponse>;
  /** Reads the response into the result. Once it succeeds, the call is not retried. */
  readonly read: (response: LegacyResponse) => Promise<T>;
}

export interface LegacyCallSession {
  readonly deadline: Deadline;
  /** Resolves with the first successful attempt. Throws LegacyError: the last attempt's failure. */
  attempt<T>(attempt: Attempt<T>): Promise<T>;
  /** Starts a client's read: from now on, each wait for the legacy service and the client's pace are limited. */
  beginStream(): void;
  /** Stops the timeouts and releases the slot. `cause` is what interrupted the stream. Safe to call twice. */
  end(cause?: unknown): void;
}

export interface CallSessionOptions extends Pick<CallContext, 'caller' | 'signal' | 'trace' | 'onOutcome'> {
  readonly pool: Pool;
}

/** Waits for a slot. Throws LegacyError. */
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
    // A timeout in the queue is not the legacy service's failure.
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

  async function tryOnce<T>({ send, read }: Attempt<T>): Promise<T> {
    let response: LegacyResponse | undefined;
    trace.attempts += 1;
    try {
      response = await send(deadline.signal);
      trace.status = response.status;
      const countRepairs = (count: number) => {
        trace.repairs += count;
      };
      const body = watchBody(response.body, { deadline, trace, end, pace: () => pace });
      const result = await read({ ...response, body, countRepairs });
      onOutcome?.(null);
      return result;
    } catch (cause) {
      const error = deadline.toError(cause);
      onOutcome?.(error.failure);
      await response?.body.cancel();
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
