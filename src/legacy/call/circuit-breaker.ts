/** Stops asking a legacy service that only fails: five failures in a row close the way to it for half a minute. */
import { LegacyError, type LegacyFailure } from '../failure.ts';

/** `open` lets nothing through, `half-open` one call that decides. */
export type CircuitState = 'closed' | 'open' | 'half-open';

export interface CircuitBreaker {
  /** Throws LegacyError `unavailable` while there is no use in calling, with the seconds that are left. */
  check(): void;
  /** Checks, calls, and learns from the outcome. */
  run<T>(call: () => Promise<T>): Promise<T>;
  readonly state: CircuitState;
}

export interface CircuitBreakerOptions {
  /** How many failures in a row open it. */
  readonly threshold?: number;
  /** How long it stays open, in milliseconds; also how long the deciding call is waited for. */
  readonly openFor?: number;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Not cockatiel, whose breaker holds other callers back until the deciding call has ended: on Workers a call whose
 * client has left may never end, and then nobody would get through again. Nor does it say how long it stays open.
 */
export function createCircuitBreaker(options: CircuitBreakerOptions = {}): CircuitBreaker {
  const { threshold = 5, openFor = 30_000, now = Date.now } = options;
  let failures = 0;
  /** Until then nothing, or nothing but the deciding call, goes through. */
  let closedOffUntil = 0;

  function check(): void {
    const left = closedOffUntil - now();
    if (failures < threshold || left <= 0) return;
    throw new LegacyError({ kind: 'unavailable', retryAfter: Math.ceil(left / 1000) });
  }

  function fail(): void {
    failures += 1;
    if (failures >= threshold) closedOffUntil = now() + openFor;
  }

  return {
    check,
    get state() {
      if (failures < threshold) return 'closed';
      return closedOffUntil > now() ? 'open' : 'half-open';
    },
    async run(call) {
      check();
      const decides = failures >= threshold;
      // Whoever comes while this call is on its way is refused.
      if (decides) closedOffUntil = now() + openFor;
      try {
        const result = await call();
        failures = 0;
        return result;
      } catch (error) {
        const outcome = error instanceof LegacyError ? judge(error.failure) : 'unknown';
        if (outcome === 'failure') fail();
        if (outcome === 'alive') failures = 0;
        // It decided nothing, so that the next one does.
        if (outcome === 'unknown' && decides) closedOffUntil = 0;
        throw error;
      }
    },
  };
}

/** Whoever refuses one account's keys, or finds nothing, is alive. */
function judge(failure: LegacyFailure): 'failure' | 'alive' | 'unknown' {
  switch (failure.kind) {
    case 'unreachable':
    case 'timeout':
    case 'unavailable':
      return 'failure';
    case 'invalid-response':
    case 'failed':
      return failure.status >= 500 ? 'failure' : 'alive';
    case 'abandoned':
    case 'overloaded':
      return 'unknown';
    default:
      return 'alive';
  }
}
