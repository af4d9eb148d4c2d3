/** Calls the legacy service for one recording, again after a passing failure, and says which failures halt the job. */
import { LegacyError, type LegacyFailure } from '../legacy/failure.ts';
import { sleep } from '../primitives/sleep.ts';
import type { ProblemSlug } from '../problem/types.ts';
import { StoreError } from '../store/failure.ts';
import { toProblemSlug, toReaction, toRetryAfter } from './failure.ts';

/** Why a batch ended early. */
export interface Halt {
  /** `fatal` fails the export, `stall` pauses it for a while. */
  readonly kind: 'fatal' | 'stall';
  readonly reason: ProblemSlug;
  /** In seconds; null if unknown. */
  readonly retryAfter: number | null;
  /** Of a failure of the bucket, for the log. */
  readonly cause?: unknown;
}

export type Attempted<Value> =
  | { readonly value: Value }
  | { readonly halt: Halt }
  /** Concerns only this recording. */
  | { readonly failure: LegacyFailure };

const maxAttempts = 3;
const pauseMs = 250;

/** The call may throw LegacyError and StoreError; other errors pass. */
export async function attempt<Value>(call: () => Promise<Value>): Promise<Attempted<Value>> {
  for (let count = 1; ; count += 1) {
    try {
      return { value: await call() };
    } catch (error) {
      if (error instanceof StoreError) {
        return { halt: { kind: 'stall', reason: 'store-unavailable', retryAfter: null, cause: error } };
      }
      if (!(error instanceof LegacyError)) throw error;
      const { failure } = error;
      const halt = toHalt(failure);
      if (halt) return { halt };
      if (toReaction(failure) !== 'repeat' || count === maxAttempts) return { failure };
      await sleep(pauseMs * count);
    }
  }
}

/** Null for a failure that concerns only one recording. */
function toHalt(failure: LegacyFailure): Halt | null {
  const reason = toProblemSlug(failure);
  switch (toReaction(failure)) {
    case 'stop':
      return { kind: 'fatal', reason, retryAfter: null };
    case 'back-off':
      return { kind: 'stall', reason, retryAfter: toRetryAfter(failure) };
    default:
      return null;
  }
}
