/** What the legacy's part in one request came to; the client writes it down as it goes. */
import type { LegacyFailure } from '../failure.ts';

export interface CallTrace {
  /** How often the legacy was asked. */
  attempts: number;
  /** Of its latest answer, HTTP; null where there was none. */
  status: number | null;
  /** From the first call to an answer that could be used, or to the failure. In milliseconds. */
  time: number;
  /** Of its answers' bodies, as far as they were read. */
  bytes: number;
  /** Of these, what was discarded to reach a range. */
  skippedBytes: number;
  /** Repaired characters and left-out records in its responses, as far as they were read. */
  repairs: number;
  /** What broke an answer off that was being passed on; null where nothing did. */
  streamError: LegacyFailure | null;
  /** Exchanges that are not over. */
  open: number;
  /** Called each time when the last of them is over. */
  onEnd: (() => void) | null;
}

export function createCallTrace(): CallTrace {
  const counts = { attempts: 0, time: 0, bytes: 0, skippedBytes: 0, repairs: 0, open: 0 };
  return { ...counts, status: null, streamError: null, onEnd: null };
}
