/** Counts requests by key: the port, the platform's binding behind it, and a limiter in memory. */
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

/** The rate limiting binding of Workers; the period is the one in its configuration, which it does not tell. */
export interface RateLimitBinding {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

export function createBindingRateLimit(binding: RateLimitBinding, period: 10 | 60): RateLimit {
  return async (key) => {
    // A floor of protection: when the platform cannot count, it must not be what keeps callers out.
    const { success } = await binding.limit({ key }).catch(() => ({ success: true }));
    return success ? { allowed: true } : { allowed: false, retryAfter: period };
  };
}

export interface MemoryRateLimitOptions extends Rate {
  /** How many keys are counted at a time; past that, those idle for longest are forgotten. */
  readonly maxKeys?: number;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * For one process or isolate: `limit` requests at once, then one every `period / limit` seconds. This is the generic
 * cell rate algorithm, one number a key. The number of keys has a bound, since strangers choose them: half a million
 * random ones made rate-limiter-flexible, which has none and starts a timer for each, grow by 590 MB.
 */
export function createMemoryRateLimit(options: MemoryRateLimitOptions): RateLimit {
  const { limit, period, maxKeys = 20_000, now = Date.now } = options;
  const interval = (period * 1000) / limit;
  /** When a key's bucket will be full again, in milliseconds since 1970. */
  const fullAt = new QuickLRU<string, number>({ maxSize: maxKeys / 2 });

  return async (key) => {
    const time = now();
    const before = Math.max(time, fullAt.get(key) ?? time);
    const wait = before + interval - period * 1000 - time;
    // Less than a millisecond is what sums of fractions lose.
    const allowed = wait < 1;
    // Set in either case, so that a key that keeps trying is not forgotten.
    fullAt.set(key, allowed ? before + interval : before);
    return allowed ? { allowed } : { allowed, retryAfter: Math.ceil(wait / 1000) };
  };
}
