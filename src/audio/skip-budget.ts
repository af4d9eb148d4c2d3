/** Limits the bytes fetched from the legacy service and discarded: a request for one byte can cost a whole recording. */
import QuickLRU from 'quick-lru';
import type { Caller } from '../auth/caller.ts';
import { Problem } from '../problem/problem.ts';

export interface SkipBudget {
  /** Throws a 429 Problem if the caller, or the links of its account together, have used up their budget. */
  spend(caller: SkippingCaller, bytes: number): void;
}

type SkippingCaller = Pick<Caller, 'subject' | 'accountId' | 'authMethod'>;

export interface SkipBudgetOptions {
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/** Bytes that a caller may skip at once: a few jumps through a long recording in a player. */
const burstBytes = 1_000_000_000;
const bytesPerSecond = 10_000_000;

/** Budgets of one caller that all links of an account share: each new link is a new caller. */
const budgetOfLinks = 4;

/** A skip this short costs no more than any other request. */
const freeBytes = 1_000_000;

/** The least number of callers to remember; at most twice as many are kept. */
const maxCallers = 10_000;

export function createSkipBudget({ now = Date.now }: SkipBudgetOptions = {}): SkipBudget {
  /** When a caller's budget is full again, in milliseconds since 1970. */
  const wholeAt = new QuickLRU<string, number>({ maxSize: maxCallers });

  function toWaitMs(key: string): number {
    const time = now();
    return Math.max(time, wholeAt.get(key) ?? time) - time - (burstBytes / bytesPerSecond) * 1000;
  }

  return {
    spend({ subject, accountId, authMethod }, bytes) {
      if (bytes <= freeBytes) return;
      const shares = new Map([[subject, 1]]);
      if (authMethod === 'link') shares.set(`links of ${accountId}`, 1 / budgetOfLinks);
      const waitMs = Math.max(...[...shares.keys()].map(toWaitMs));
      if (waitMs >= 0) {
        throw new Problem('too-many-requests', {
          detail:
            'You asked for ranges far into recordings too often. Retry later, or download the whole recording.',
          headers: [['Retry-After', String(Math.max(1, Math.ceil(waitMs / 1000)))]],
        });
      }
      for (const [key, share] of shares) {
        const before = Math.max(now(), wholeAt.get(key) ?? 0);
        wholeAt.set(key, before + ((share * bytes) / bytesPerSecond) * 1000);
      }
    },
  };
}
