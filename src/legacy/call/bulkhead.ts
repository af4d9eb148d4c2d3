/** A bounded number of calls at a time, and a bounded number that wait: what is more is refused at once. */
import { LegacyError } from '../failure.ts';

export interface Bulkhead {
  /** Resolves with the way out once there is a place. Throws LegacyError `overloaded`, or what the signal says. */
  enter(signal: AbortSignal): Promise<() => void>;
  readonly running: number;
  readonly waiting: number;
}

export interface BulkheadOptions {
  /** How many may be inside. */
  readonly limit: number;
  /** How many may wait. */
  readonly queue: number;
  /**
   * How long a place is kept for a call that never says that it has ended, in milliseconds: on Workers one whose client
   * has left may not.
   */
  readonly lifetime: number;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

export function createBulkhead({ limit, queue, lifetime, now = Date.now }: BulkheadOptions): Bulkhead {
  /** When each call went in, oldest first. */
  const inside = new Map<symbol, number>();
  const line = new Set<() => void>();

  function take(): () => void {
    const place = Symbol();
    inside.set(place, now());
    return () => {
      if (inside.delete(place)) admit();
    };
  }

  function admit(): void {
    for (const call of line) {
      if (inside.size >= limit) return;
      line.delete(call);
      call();
    }
  }

  function evict(): void {
    for (const [place, since] of inside) {
      if (now() - since <= lifetime) break;
      inside.delete(place);
    }
    admit();
  }

  return {
    get running() {
      return inside.size;
    },
    get waiting() {
      return line.size;
    },
    async enter(signal) {
      signal.throwIfAborted();
      if (inside.size >= limit) evict();
      if (inside.size < limit) return take();
      if (line.size >= queue) throw new LegacyError({ kind: 'overloaded' });
      return await new Promise((resolve, reject) => {
        const leave = () => {
          line.delete(go);
          reject(signal.reason);
        };
        const go = () => {
          signal.removeEventListener('abort', leave);
          resolve(take());
        };
        line.add(go);
        signal.addEventListener('abort', leave, { once: true });
      });
    },
  };
}
