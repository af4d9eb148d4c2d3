/** Figures of the legacy calls behind one request, updated as they run. */
import type { LegacyFailure } from '../failure.ts';

export interface CallTrace {
  /** Calls sent, retries included. */
  attempts: number;
  /** HTTP status of the latest response; null without one. */
  status: number | null;
  /** From the first call to a usable response or to the failure. In milliseconds. */
  time: number;
  /** Bytes read from response bodies. */
  bytes: number;
  /** Of these, bytes discarded to reach a range. */
  skippedBytes: number;
  /** Repaired characters and omitted records in the responses read so far. */
  repairs: number;
  /** Failure that interrupted a streamed response; null without one. */
  streamError: LegacyFailure | null;
  /** Sessions in progress. */
  open: number;
  /** Called each time the last open session ends. */
  onEnd: (() => void) | null;
}

export function createCallTrace(): CallTrace {
  const counts = { attempts: 0, time: 0, bytes: 0, skippedBytes: 0, repairs: 0, open: 0 };
  return { ...counts, status: null, streamError: null, onEnd: null };
}
