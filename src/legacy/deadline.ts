/** A clock beside a call: it aborts the call when the time is up or the caller has left, and knows which of the two it was. */
import { LegacyError } from './failure.ts';

export interface Deadline {
  readonly signal: AbortSignal;
  /** Starts the time anew, in milliseconds from now. */
  extend(milliseconds: number): void;
  /** Stops the clock; the caller's own signal still counts. */
  clear(): void;
  /** What a rejection under this clock means: the time was up, the caller left, or the connection failed. */
  toError(cause: unknown): LegacyError;
}

export function createDeadline(caller: AbortSignal, milliseconds: number): Deadline {
  const controller = new AbortController();
  let expired = false;
  const expire = () => {
    expired = true;
    controller.abort(new LegacyError({ kind: 'timeout' }));
  };
  let timer = setTimeout(expire, milliseconds);
  return {
    signal: AbortSignal.any([caller, controller.signal]),
    extend(next) {
      clearTimeout(timer);
      timer = setTimeout(expire, next);
    },
    clear: () => clearTimeout(timer),
    toError(cause) {
      if (cause instanceof LegacyError) return cause;
      if (expired) return new LegacyError({ kind: 'timeout' }, { cause });
      return new LegacyError({ kind: caller.aborted ? 'abandoned' : 'unreachable' }, { cause });
    },
  };
}
