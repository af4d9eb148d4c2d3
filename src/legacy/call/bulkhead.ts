/** A bounded pool of slots for calls, shared fairly: by account, and within an account by caller. */
import QuickLRU from 'quick-lru';
import { LegacyError } from '../failure.ts';
import { createFairQueue, type SlotOwner } from './fair-queue.ts';
import { createRecentPair, type RecentPair } from './recent-pair.ts';

export interface Bulkhead {
  /** Resolves with the function that releases the slot. Throws LegacyError `overloaded`, or the signal's reason. */
  enter(owner: SlotOwner, signal: AbortSignal): Promise<() => void>;
  readonly running: number;
  readonly waiting: number;
}

export interface BulkheadOptions {
  /** Slots. */
  readonly limit: number;
  /** Calls that may wait. */
  readonly queue: number;
  /** Longest time a call may hold its slot. On Workers, a call whose client has disconnected may never report its end. */
  readonly lifetimeMs: number;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * A holder takes at most `share` times the slots that remain free: three quarters of the pool for an account, half of
 * it for a caller. A share of the rest therefore always remains for the next one (dynamic thresholds, as switches
 * share their buffers). An account or caller that was alone in the last minutes may take all.
 */
const accountShare = 3;
const callerShare = 1;
const othersCountForMs = 600_000;

/** The least number of accounts to remember, to know whether each has several callers. */
const maxAccounts = 1000;

interface Slot {
  readonly owner: SlotOwner;
  readonly since: number;
}

export function createBulkhead({ limit, queue, lifetimeMs, now = Date.now }: BulkheadOptions): Bulkhead {
  /** Oldest first. */
  const slots = new Set<Slot>();
  const held = new Map<string, number>();
  const waiting = createFairQueue({ limit: queue, held: (key) => held.get(key) ?? 0 });
  const accounts = createRecentPair({ now, lifetimeMs: othersCountForMs });
  const callers = new QuickLRU<string, RecentPair>({ maxSize: maxAccounts });

  function mayTake(owner: SlotOwner): boolean {
    const left = limit - slots.size - 1;
    if (left < 0) return false;
    const fits = (key: string, share: number) => {
      const holds = held.get(key) ?? 0;
      return holds === 0 || holds + 1 <= share * left;
    };
    const isShared = accounts.hasOther(owner.account);
    if (isShared && !fits(owner.account, accountShare)) return false;
    const hasOthers = callers.get(owner.account)?.hasOther(owner.subject) ?? false;
    return !hasOthers || fits(toKey(owner), callerShare);
  }

  function note({ account, subject }: SlotOwner): void {
    accounts.note(account);
    const pair = callers.get(account) ?? createRecentPair({ now, lifetimeMs: othersCountForMs });
    pair.note(subject);
    callers.set(account, pair);
  }

  function count(owner: SlotOwner, change: 1 | -1): void {
    for (const key of [owner.account, toKey(owner)]) {
      const sum = (held.get(key) ?? 0) + change;
      if (sum === 0) held.delete(key);
      else held.set(key, sum);
    }
  }

  function take(owner: SlotOwner): () => void {
    const slot = { owner, since: now() };
    slots.add(slot);
    count(owner, 1);
    return () => {
      if (free(slot)) admit();
    };
  }

  function free(slot: Slot): boolean {
    const isHeld = slots.delete(slot);
    if (isHeld) count(slot.owner, -1);
    return isHeld;
  }

  function admit(): void {
    while (slots.size < limit && waiting.next(mayTake)) {}
  }

  function evict(): void {
    for (const slot of slots) {
      if (now() - slot.since <= lifetimeMs) break;
      free(slot);
    }
    admit();
  }

  return {
    get running() {
      return slots.size;
    },
    get waiting() {
      return waiting.size;
    },
    async enter(owner, signal) {
      signal.throwIfAborted();
      note(owner);
      if (!mayTake(owner)) evict();
      if (mayTake(owner)) return take(owner);
      return await new Promise((resolve, reject) => {
        const settle = (finish: () => void) => () => {
          signal.removeEventListener('abort', leave);
          finish();
        };
        const ticket = waiting.add(owner, {
          admit: settle(() => resolve(take(owner))),
          reject: settle(() => reject(new LegacyError({ kind: 'overloaded' }))),
        });
        function leave(): void {
          ticket?.leave();
          reject(signal.reason);
        }
        if (ticket) signal.addEventListener('abort', leave, { once: true });
      });
    },
  };
}

function toKey({ account, subject }: SlotOwner): string {
  return `${account} ${subject}`;
}
