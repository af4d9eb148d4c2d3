/** The clocks beside a call: they abort it when a time is up or the caller has left, and know which of the two it was. */
import { LegacyError } from '../failure.ts';
import { type Clock, NotSentError } from '../transport.ts';

/** All in milliseconds. */
export interface Deadlines {
  /** From the call to the first byte of its answer. */
  readonly firstByte: number;
  /** From the call to the end of an answer that is read before anything is sent on. */
  readonly answer: number;
  /** For the next bytes of an answer that is passed on while it arrives. */
  readonly idle: number;
  /** From the call to the end of an upload's answer: the legacy may fetch the audio before it says a word. */
  readonly upload: number;
  /** From the call to the end of its audio. */
  readonly audio: number;
}

export interface Deadline extends Pick<Clock, 'wait' | 'clear'> {
  /** The wait is over. */
  received(): void;
  readonly signal: AbortSignal;
  /** Moves the end of the call to that many milliseconds after its beginning; infinity takes it away. */
  endAfter(milliseconds: number): void;
  /** From now on, each wait for the legacy may last that many milliseconds. */
  idleTimeout(milliseconds: number): void;
  /** Ends the call for another reason than time. */
  abort(error: LegacyError): void;
  /** What a rejection under these clocks means: a time was up, the caller left, or the connection failed. */
  toError(cause: unknown): LegacyError;
}

/** A wait is written down, and looked at once it may have lasted too long: a timer for every chunk would cost more than the chunk. */
export function createDeadline(caller: AbortSignal): Deadline {
  // By hand, so that a caller's signal, which may outlive the call, holds nothing of it once the clocks are cleared.
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

  /** The end may have been moved on since: a timer that is left alone costs less than two. */
  function checkEnd(): void {
    end = undefined;
    if (Date.now() >= endsAt) expire();
    else arm();
  }

  function look(): void {
    watch = undefined;
    if (waitingSince === 0) return;
    const left = waitingSince + idle - Date.now();
    if (left <= 0) expire();
    else watch = setTimeout(look, left);
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
      if (watch === undefined && Number.isFinite(idle)) watch = setTimeout(look, idle);
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
      return new LegacyError({ kind: caller.aborted ? 'abandoned' : 'unreachable' }, { cause });
    },
  };
}
