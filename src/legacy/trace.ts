/** What the legacy's part in one request came to; the client writes it down as it goes. */

export interface CallTrace {
  /** How often the legacy was asked. */
  tries: number;
  /** Of its latest answer, HTTP; null where there was none. */
  status: number | null;
  /** From the first call to the answer that could be used, or to the failure. In milliseconds. */
  time: number;
  /** Of its answers' bodies, as far as they were read. */
  bytes: number;
  /** Called when nothing of the legacy is in use any more. */
  onEnd: (() => void) | null;
  /** Exchanges that are not over. */
  open: number;
}

export function createCallTrace(): CallTrace {
  return { tries: 0, status: null, time: 0, bytes: 0, onEnd: null, open: 0 };
}
