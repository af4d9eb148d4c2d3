/**
 * Stops calls to a failing legacy service: per account, since one account's calls may fail for reasons of its own,
 * and for all accounts when a single caller cannot be the cause.
 */
import QuickLRU from 'quick-lru';
import {
  type Circuit,
  type CircuitState,
  createCircuit,
  createCircuitRules,
} from '../../primitives/circuit.ts';
import { LegacyError } from '../failure.ts';
import { NotSentError } from '../transport.ts';
import type { LegacyAction } from '../wire.ts';

export interface CircuitBreaker {
  /** Throws LegacyError `unavailable` while the account's circuit or the one for all accounts is open. */
  check(account: string): void;
  /** Checks, calls, and records the outcome. */
  run<T>(call: BrokenCall, attempt: () => Promise<T>): Promise<T>;
  /** State of the shared circuit; with an account, the state that its calls meet. */
  state(account?: string): CircuitState;
  /** Accounts whose circuit is not closed. */
  readonly openAccounts: number;
}

interface BrokenCall {
  readonly account: string;
  readonly action: LegacyAction;
}

export interface CircuitBreakerOptions {
  /** Consecutive failures that open a circuit. */
  readonly threshold?: number;
  /** How long a circuit stays open. */
  readonly openForMs?: number;
  /** The least number of accounts to remember; at most twice as many are kept. */
  readonly maxAccounts?: number;
  /** Called when a circuit opens and when it closes, not each time that its deciding call fails. */
  readonly onChange?: ((change: CircuitChange) => void) | undefined;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

interface CircuitChange {
  readonly isOpen: boolean;
  /** Null for the circuit of all accounts. */
  readonly account: string | null;
}

/** Failures of this many accounts, with no success in between, are the legacy service's own. */
const severalAccounts = 3;

export function createCircuitBreaker(options: CircuitBreakerOptions = {}): CircuitBreaker {
  const { threshold = 5, openForMs = 30_000, maxAccounts = 10_000, now = Date.now, onChange } = options;
  const rules = createCircuitRules({ threshold, openForMs, now });
  const everyone = createCircuit();
  const circuits = new QuickLRU<string, Circuit>({ maxSize: maxAccounts });
  /** Accounts that the legacy service knows. Made-up keys must not count as several accounts. */
  const known = new QuickLRU<string, true>({ maxSize: maxAccounts });
  /** Known accounts that failed since the last success, up to `severalAccounts`. */
  const failing = new Set<string>();

  function check(account: string): void {
    const own = circuits.get(account);
    for (const circuit of [everyone, ...(own ? [own] : [])]) {
      const leftMs = rules.leftMs(circuit);
      if (leftMs > 0) throw new LegacyError({ kind: 'unavailable', retryAfter: Math.ceil(leftMs / 1000) });
    }
  }

  /** Applies a rule, and reports whether it has opened or closed the circuit. */
  function change(circuit: Circuit, account: string | null, rule: 'fail' | 'open' | 'close'): void {
    const wasOpen = rules.state(circuit) !== 'closed';
    rules[rule](circuit);
    const isOpen = rules.state(circuit) !== 'closed';
    if (isOpen !== wasOpen) onChange?.({ isOpen, account });
  }

  function failAccount(account: string): void {
    // Looked up after the call, so that concurrent calls count together.
    const own = circuits.get(account) ?? createCircuit();
    const isNews = rules.state(own) === 'closed' && known.has(account);
    change(own, account, 'fail');
    circuits.set(account, own);
    if (isNews) failing.add(account);
    // An account that was failing already says nothing about the others.
    const isHalfOpen = rules.state(everyone) !== 'closed';
    if (failing.size >= severalAccounts || (isHalfOpen && isNews)) {
      change(everyone, null, 'open');
      failing.clear();
    } else if (isHalfOpen) rules.release(everyone);
  }

  function succeed(account: string): void {
    change(everyone, null, 'close');
    failing.clear();
    const own = circuits.peek(account);
    if (own) change(own, account, 'close');
    circuits.delete(account);
  }

  return {
    check,
    state(account) {
      const shared = rules.state(everyone);
      const own = account === undefined ? undefined : circuits.peek(account);
      return shared === 'closed' && own ? rules.state(own) : shared;
    },
    get openAccounts() {
      return [...circuits].filter(([, circuit]) => rules.state(circuit) !== 'closed').length;
    },
    async run({ account, action }, attempt) {
      check(account);
      const own = circuits.get(account);
      const deciding = [everyone, ...(own ? [own] : [])].filter((circuit) => rules.begin(circuit));
      try {
        const result = await attempt();
        known.set(account, true);
        succeed(account);
        return result;
      } catch (error) {
        const outcome = judge(error, action);
        if (outcome === 'known') known.set(account, true);
        if (outcome === 'known' || outcome === 'alive') succeed(account);
        if (outcome === 'failure') failAccount(account);
        if (outcome === 'outage') {
          if (own && deciding.includes(own)) rules.release(own);
          change(everyone, null, 'fail');
        }
        if (outcome === 'unknown') for (const circuit of deciding) rules.release(circuit);
        throw error;
      }
    },
  };
}

/**
 * `outage` is a failure that a caller cannot cause, `failure` one that a caller may cause, `alive` a response that
 * proves the legacy service is up, and `known` a response that also proves the account's keys.
 */
type Outcome = 'outage' | 'failure' | 'alive' | 'known' | 'unknown';

function judge(error: unknown, action: LegacyAction): Outcome {
  if (!(error instanceof LegacyError)) return 'unknown';
  if (error.cause instanceof NotSentError) return 'outage';
  const { failure } = error;
  switch (failure.kind) {
    case 'timeout':
      // The legacy service fetches the upload from a URL of the caller's choice, which decides how long it takes.
      return action === 'recording.upload' ? 'unknown' : 'failure';
    case 'unreachable':
    case 'unavailable':
      return 'failure';
    case 'invalid-response':
    case 'failed':
      return failure.status >= 500 ? 'failure' : 'alive';
    case 'processing':
    case 'file-not-found':
    case 'no-results':
    case 'recording-failed':
      return 'known';
    case 'abandoned':
    case 'overloaded':
      return 'unknown';
    default:
      return 'alive';
  }
}
