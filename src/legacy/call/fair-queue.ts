/**
 * A bounded queue for slots. The account that holds the fewest slots is next, in turn among equals; the same rule
 * applies to the callers within it.
 */

/** The account and the caller that a call belongs to. */
export interface SlotOwner {
  /** Digest of the account's credentials. */
  readonly account: string;
  /** One of the account's callers: its owner, a subject of an identity provider, an audio link. */
  readonly subject: string;
}

interface Waiter {
  admit(): void;
  /** Drops the waiter because the queue is full and another account waits with fewer calls. */
  reject(): void;
}

interface Ticket {
  leave(): void;
}

export interface FairQueue {
  /** Null if the queue is full and the owner has the most waiters in it; the waiter was rejected. */
  add(owner: SlotOwner, waiter: Waiter): Ticket | null;
  /** Admits the next waiter whose owner may take a slot. False if there was no such waiter. */
  next(mayTake: (owner: SlotOwner) => boolean): boolean;
  readonly size: number;
}

export interface FairQueueOptions {
  /** Most calls that may wait. */
  readonly limit: number;
  /** Slots held under a key: an account, or an account and a subject joined by a space. */
  readonly held: (key: string) => number;
}

interface Line {
  readonly owner: SlotOwner;
  /** First come, first served. */
  readonly waiters: Set<Waiter>;
}

export function createFairQueue({ limit, held }: FairQueueOptions): FairQueue {
  /** By account, then by subject. Each moves to the end when served. */
  const accounts = new Map<string, Map<string, Line>>();
  let size = 0;

  function remove({ owner, waiters }: Line, waiter: Waiter): void {
    if (!waiters.delete(waiter)) return;
    size -= 1;
    const lines = accounts.get(owner.account);
    if (waiters.size === 0) lines?.delete(owner.subject);
    if (lines?.size === 0) accounts.delete(owner.account);
  }

  function toLine(owner: SlotOwner): Line {
    const lines = accounts.get(owner.account) ?? new Map<string, Line>();
    const line = lines.get(owner.subject) ?? { owner, waiters: new Set() };
    accounts.set(owner.account, lines);
    lines.set(owner.subject, line);
    return line;
  }

  /**
   * Drops the newest waiter of the longest line in the account with the most waiters. False if that line is the
   * owner's.
   */
  function makeRoom(owner: SlotOwner): boolean {
    const lengthOf = (lines: Map<string, Line> | undefined) =>
      [...(lines?.values() ?? [])].reduce((sum, { waiters }) => sum + waiters.size, 0);
    let longest = accounts.get(owner.account);
    for (const lines of accounts.values()) if (lengthOf(lines) > lengthOf(longest)) longest = lines;
    const own = longest?.get(owner.subject);
    let line = own?.owner.account === owner.account ? own : undefined;
    for (const other of longest?.values() ?? []) {
      if (other.waiters.size > (line?.waiters.size ?? 0)) line = other;
    }
    const isOwn =
      line === undefined || (line.owner.account === owner.account && line.owner.subject === owner.subject);
    const newest = isOwn ? undefined : [...(line?.waiters ?? [])].at(-1);
    if (!line || !newest) return false;
    remove(line, newest);
    newest.reject();
    return true;
  }

  return {
    get size() {
      return size;
    },
    add(owner, waiter) {
      if (size >= limit && !makeRoom(owner)) {
        waiter.reject();
        return null;
      }
      const line = toLine(owner);
      line.waiters.add(waiter);
      size += 1;
      return { leave: () => remove(line, waiter) };
    },
    next(mayTake) {
      let best: { readonly line: Line; readonly rank: readonly [number, number] } | undefined;
      for (const [account, lines] of accounts) {
        for (const [subject, line] of lines) {
          const rank = [held(account), held(`${account} ${subject}`)] as const;
          const isBetter =
            !best ||
            rank[0] < best.rank[0] ||
            (rank[0] === best.rank[0] &&
              line.owner.account === best.line.owner.account &&
              rank[1] < best.rank[1]);
          if (isBetter && mayTake(line.owner)) best = { line, rank };
        }
      }
      if (!best) return false;
      const { owner, waiters } = best.line;
      const lines = accounts.get(owner.account);
      // Move both to the end of their turn before an empty line is removed.
      lines?.delete(owner.subject);
      lines?.set(owner.subject, best.line);
      if (lines) {
        accounts.delete(owner.account);
        accounts.set(owner.account, lines);
      }
      const [first] = waiters;
      if (first) remove(best.line, first);
      first?.admit();
      return first !== undefined;
    },
  };
}
