/** Limits how many operations each caller has in progress: waits, event streams, and bodies that are being received. */
import QuickLRU from 'quick-lru';
import { sleep } from './sleep.ts';

export interface ConcurrencyLimit {
  /**
   * Returns the function that ends the operation; null if the caller has too many in progress. Workers may stop an
   * operation without reporting its end, so that it counts for `longestMs` at most.
   */
  begin(caller: string, longestMs: number): (() => void) | null;
  /** Waits a few seconds for one of the caller's operations to end; for operations that usually are short. */
  beginSoon(caller: string, longestMs: number): Promise<(() => void) | null>;
}

export interface ConcurrencyLimitOptions {
  /** Per caller. */
  readonly limit: number;
  /** In milliseconds. */
  readonly now?: () => number;
}

/** The least number of callers to remember; at most twice as many are kept. */
const maxCallers = 10_000;

/** A poll, because on Workers a request must not await another request's promise. */
const pauseMs = 50;
const maxWaitMs = 5000;

export function createConcurrencyLimit({ limit, now = Date.now }: ConcurrencyLimitOptions): ConcurrencyLimit {
  const callers = new QuickLRU<string, Set<{ readonly until: number }>>({ maxSize: maxCallers });

  function begin(caller: string, longestMs: number): (() => void) | null {
    const running = callers.get(caller) ?? new Set();
    for (const operation of running) if (operation.until < now()) running.delete(operation);
    if (running.size >= limit) return null;
    const operation = { until: now() + longestMs };
    callers.set(caller, running.add(operation));
    return () => running.delete(operation);
  }

  return {
    begin,
    async beginSoon(caller, longestMs) {
      let end = begin(caller, longestMs);
      for (let waitedMs = 0; !end && waitedMs < maxWaitMs; waitedMs += pauseMs) {
        await sleep(pauseMs);
        end = begin(caller, longestMs);
      }
      return end;
    },
  };
}
