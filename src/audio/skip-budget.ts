/** Limits the bytes fetched from the legacy service and discarded: a request for one byte can cost a whole recording. */
import QuickLRU from 'quick-lru';
import { Problem } from '../problem/problem.ts';

export interface SkipBudget {
  /** Throws a 429 Problem if the caller has used up its budget. */
  spend(caller: string, bytes: number): void;
}

export interface SkipBudgetOptions {
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/** Bytes that a caller may skip at once: a few jumps through a long recording in a player. */
const burstBytes = 1_000_000_000;
const bytesPerSecond = 10_000_000;

/** A skip this short costs no more than any other request. */
const freeBytes = 1_000_000;

/** The least number of callers to remember; at most twice as many are kept. */
const maxCallers = 10_000;

export function createSkipBudget({ now = Date.now }: SkipBudgetOptions = {}): SkipBudget {
  /** When a caller's budget is full again, in milliseconds since 1970. */
  const wholeAt = new QuickLRU<string, number>({ maxSize: maxCallers });
  return {
    spend(caller, bytes) {
      if (bytes <= freeBytes) return;
      const time = now();
      const before = Math.max(time, wholeAt.get(caller) ?? time);
      const waitMs = before - time - (burstBytes / bytesPerSecond) * 1000;
      if (waitMs >= 0) {
        throw new Problem('too-many-requests', {
          detail:
            'You asked for ranges far into recordings too often. Retry later, or download the whole recording.',
          headers: [['Retry-After', String(Math.max(1, Math.ceil(waitMs / 1000)))]],
        });
      }
      wholeAt.set(caller, before + (bytes / bytesPerSecond) * 1000);
    },
  };
}
