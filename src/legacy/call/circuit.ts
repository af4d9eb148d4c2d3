/** The rules of one circuit: failures in a row open it for a while, then one call decides whether it closes. */
import { LegacyError } from '../failure.ts';

/** `open` lets nothing through, `half-open` one call that decides. */
export type CircuitState = 'closed' | 'open' | 'half-open';

/** Plain data: there is one for each account that fails. */
export interface Circuit {
  failures: number;
  /** Until then no further call passes; in milliseconds since 1970. */
  blockedUntil: number;
}

export interface CircuitRules {
  /** Throws LegacyError `unavailable` with the seconds that are left. */
  check(circuit: Circuit): void;
  /** Whether the call that begins decides about an open circuit; further calls are rejected while it is in flight. */
  begin(circuit: Circuit): boolean;
  fail(circuit: Circuit): void;
  open(circuit: Circuit): void;
  close(circuit: Circuit): void;
  /** The deciding call decided nothing, so that the next one does. */
  release(circuit: Circuit): void;
  state(circuit: Circuit): CircuitState;
}

export interface CircuitOptions {
  /** Failures in a row that open a circuit. */
  readonly threshold: number;
  /** How long a circuit stays open, and how long its deciding call is waited for. */
  readonly openForMs: number;
  /** In milliseconds since 1970. */
  readonly now: () => number;
}

export function createCircuit(): Circuit {
  return { failures: 0, blockedUntil: 0 };
}

/**
 * Not cockatiel, whose breaker rejects other callers until the deciding call has ended: on Workers a call whose client has
 * disconnected may never end, and the circuit would stay open. Nor does it say how long it stays open.
 */
export function createCircuitRules({ threshold, openForMs, now }: CircuitOptions): CircuitRules {
  const isClosed = ({ failures }: Circuit) => failures < threshold;

  const rules: CircuitRules = {
    check(circuit) {
      const leftMs = circuit.blockedUntil - now();
      if (isClosed(circuit) || leftMs <= 0) return;
      throw new LegacyError({ kind: 'unavailable', retryAfter: Math.ceil(leftMs / 1000) });
    },
    begin(circuit) {
      if (isClosed(circuit)) return false;
      circuit.blockedUntil = now() + openForMs;
      return true;
    },
    fail(circuit) {
      circuit.failures += 1;
      if (!isClosed(circuit)) rules.open(circuit);
    },
    open(circuit) {
      circuit.failures = Math.max(circuit.failures, threshold);
      circuit.blockedUntil = now() + openForMs;
    },
    close(circuit) {
      circuit.failures = 0;
    },
    release(circuit) {
      circuit.blockedUntil = 0;
    },
    state(circuit) {
      if (isClosed(circuit)) return 'closed';
      return circuit.blockedUntil > now() ? 'open' : 'half-open';
    },
  };
  return rules;
}
