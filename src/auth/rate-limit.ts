/** Counts requests by key: the port, its adapter to the platform's binding, and a limiter in memory. */
import QuickLRU from 'quick-lru';

export type RateDecision =
  | { readonly allowed: true }
  /** In whole seconds. */
  | { readonly allowed: false; readonly retryAfter: number };

/** Counts one request. Never rejects. */
export type RateLimit = (key: string) => Promise<RateDecision>;

export interface Rate {
  readonly limit: number;
  /** In seconds. */
  readonly period: number;
}

/** The rate limiting binding of Workers. Its period is in its configuration and cannot be read. */
export interface RateLimitBinding {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

export function createBindingRateLimit(binding: RateLimitBinding, period: 10 | 60): RateLimit {
  return async (key) => {
    // Fail open: an outage of the platform's counter must not lock callers out.
    const { success } = await binding.limit({ key }).catch(() => ({ success: true }));
    return success ? { allowed: true } : { allowed: false, retryAfter: period };
  };
}

export interface MeterOptions {
  /** Most units that may be taken at once. */
  readonly burst: number;
  /** Time until one unit is refilled. */
  readonly intervalMs: number;
  /** Most keys counted at a time; beyond that, the least recently used are dropped. */
  readonly maxKeys?: number;
  /** In milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

export interface Meter {
  /** Takes one unit and returns 0, or takes none and returns the milliseconds until the next one. */
  take(key: string): number;
  giveBack(key: string): void;
}

/**
 * The generic cell rate algorithm: one number per key. Strangers choose the keys, so their number is bounded: half a
 * million random keys made rate-limiter-flexible, which has no bound and starts a timer for each, grow by 590 MB.
 */
export function createMeter({ burst, intervalMs, maxKeys = 20_000, now = Date.now }: MeterOptions): Meter {
  /** When a key's bucket will be full again, in milliseconds since 1970. */
  const fullAt = new QuickLRU<string, number>({ maxSize: maxKeys / 2 });
  const read = (key: string) => Math.max(now(), fullAt.get(key) ?? 0);

  return {
    take(key) {
      const before = read(key);
      const waitMs = before + intervalMs - burst * intervalMs - now();
      // Rounding errors add up to less than a millisecond.
      const isTaken = waitMs < 1;
      // Set in either case, so that a key that keeps trying stays in the cache.
      fullAt.set(key, isTaken ? before + intervalMs : before);
      return isTaken ? 0 : waitMs;
    },
    giveBack(key) {
      fullAt.set(key, read(key) - intervalMs);
    },
  };
}

export interface MemoryRateLimitOptions extends Rate {
  readonly maxKeys?: number;
  /** In milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

/** For one process or isolate: `limit` requests at once, then one every `period / limit` seconds. */
export function createMemoryRateLimit({ limit, period, ...options }: MemoryRateLimitOptions): RateLimit {
  const meter = createMeter({ burst: limit, intervalMs: (period * 1000) / limit, ...options });
  return async (key) => {
    const waitMs = meter.take(key);
    return waitMs === 0 ? { allowed: true } : { allowed: false, retryAfter: Math.ceil(waitMs / 1000) };
  };
}
