/** The timeouts of one call. They abort it, and tell a timeout from a client that disconnected. */
import { LegacyError } from '../failure.ts';
import { type Clock, NotSentError, ProtocolError } from '../transport.ts';

/** All in milliseconds. */
export interface Deadlines {
  /** From the call to the first byte of the response. */
  readonly firstByte: number;
  /** From the call to the end of a response that is buffered before the gateway replies. */
  readonly response: number;
  /** For the next bytes of a response that is streamed to the client. */
  readonly idle: number;
  /** From the call to the end of an upload's response. The legacy service may fetch the audio before it responds. */
  readonly upload: number;
  /** From the call to the end of its audio. */
  readonly audio: number;
}

export interface Deadline extends Pick<Clock, 'wait' | 'clear'> {
  /** A wait has ended. */
  received(): void;
  readonly signal: AbortSignal;
  /** Sets the end of the call, counted from its start. Infinity removes it. */
  endAfter(milliseconds: number): void;
  /** Limits each wait for the legacy service from now on. */
  idleTimeout(milliseconds: number): void;
  /** Aborts the call for a reason other than time. */
  abort(error: LegacyError): void;
  /** Classifies a rejection: timeout, disconnected client, or failed connection. */
  toError(cause: unknown): LegacyError;
}

/** One timer checks the latest wait, since a timer per chunk costs more than the chunk. */
export function createDeadline(caller: AbortSignal): Deadline {
  // Not AbortSignal.any(): the caller's signal may outlive the call and must keep no reference to it.
  const controller = new AbortController();
  const leave = () => controller.abort(caller.reason);
  if (caller.aborted) leave();
  else caller.addEventListener('abort', leave, { once: true });
  const startedAt = Date.now();
  let isOver = false;
  let end: ReturnType<typeof setTimeout> | undefined;
  let endsAt = Number.POSITIVE_INFINITY;
  let watch: ReturnType<typeof setTimeout> | undefined;
  let idle = Number.POSITIVE_INFINITY;
  let waitingSince = 0;

  function expire(): void {
    isOver = true;
    clear();
    controller.abort(new LegacyError({ kind: 'timeout' }));
  }

  function arm(): void {
    if (end === undefined && Number.isFinite(endsAt)) end = setTimeout(checkEnd, endsAt - Date.now());
  }

  /** The end may have moved since the timer was set: leaving a timer alone costs less than replacing it. */
  function checkEnd(): void {
    end = undefined;
    if (Date.now() >= endsAt) expire();
    else arm();
  }

  function checkWait(): void {
    watch = undefined;
    if (waitingSince === 0) return;
    const left = waitingSince + idle - Date.now();
    if (left <= 0) expire();
    else watch = setTimeout(checkWait, left);
  }

  function clear(): void {
    clearTimeout(end);
    clearTimeout(watch);
    caller.removeEventListener('abort', leave);
    idle = Number.POSITIVE_INFINITY;
  }

  return {
    signal: controller.signal,
    endAfter(milliseconds) {
      const isSooner = startedAt + milliseconds < endsAt;
      endsAt = startedAt + milliseconds;
      if (isSooner) {
        clearTimeout(end);
        end = undefined;
      }
      arm();
    },
    idleTimeout(milliseconds) {
      idle = milliseconds;
    },
    wait() {
      waitingSince = Date.now();
      if (watch === undefined && Number.isFinite(idle)) watch = setTimeout(checkWait, idle);
    },
    received() {
      waitingSince = 0;
    },
    clear,
    abort(error) {
      clear();
      controller.abort(error);
    },
    toError(cause) {
      if (cause instanceof LegacyError) return cause;
      const isLate = isOver || (cause instanceof NotSentError && cause.isTimeout);
      if (isLate) return new LegacyError({ kind: 'timeout' }, { cause });
      // As a 200, since the legacy service may have done what it was asked.
      if (cause instanceof ProtocolError) {
        const failure = {
          kind: 'invalid-response',
          status: 200,
          reason: cause.message,
          isMalformed: true,
        } as const;
        return new LegacyError(failure, { cause });
      }
      return new LegacyError({ kind: caller.aborted ? 'abandoned' : 'unreachable' }, { cause });
    },
  };
}
