/** The rules of one circuit: consecutive failures open it for a while, then one probe call decides whether it closes. */

/** `open` rejects every call, `half-open` admits one probe. */
export type CircuitState = 'closed' | 'open' | 'half-open';

/** Plain data, since every failing account of the legacy service has one. */
export interface Circuit {
  failures: number;
  /** Calls are rejected until then. In milliseconds since 1970. */
  blockedUntil: number;
}

export interface CircuitRules {
  /** How long calls are still rejected; 0 if this call may be sent. */
  leftMs(circuit: Circuit): number;
  /** Whether this call is the probe of an open circuit; other calls are rejected while the probe is in flight. */
  begin(circuit: Circuit): boolean;
  fail(circuit: Circuit): void;
  open(circuit: Circuit): void;
  close(circuit: Circuit): void;
  /** The probe was inconclusive, so the next call is a probe too. */
  release(circuit: Circuit): void;
  state(circuit: Circuit): CircuitState;
}

export interface CircuitOptions {
  /** Consecutive failures that open a circuit. */
  readonly threshold: number;
  /** How long a circuit stays open, and how long its probe may take. */
  readonly openForMs: number;
  /** In milliseconds since 1970. */
  readonly now: () => number;
}

export function createCircuit(): Circuit {
  return { failures: 0, blockedUntil: 0 };
}

/**
 * Not cockatiel: its breaker rejects other callers until the probe ends. On Workers, a probe whose client has
 * disconnected may never end, and the circuit would stay open. Nor does cockatiel expose the time that remains.
 */
export function createCircuitRules({ threshold, openForMs, now }: CircuitOptions): CircuitRules {
  const isClosed = ({ failures }: Circuit) => failures < threshold;

  const rules: CircuitRules = {
    leftMs: (circuit) => (isClosed(circuit) ? 0 : Math.max(0, circuit.blockedUntil - now())),
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

export interface CircuitChange {
  readonly isOpen: boolean;
  /** Whose calls the circuit stops. */
  readonly scope: 'account' | 'all-accounts' | 'store' | 'export-store';
  /** The account of a circuit of its own. */
  readonly caller: string | null;
}

/** For the log. */
export function toCircuitEvent({ isOpen, scope, caller }: CircuitChange) {
  const change = isOpen
    ? { level: 'warn', event: 'circuit-opened' }
    : { level: 'info', event: 'circuit-closed' };
  return { ...change, time: new Date().toISOString(), scope, caller };
}
