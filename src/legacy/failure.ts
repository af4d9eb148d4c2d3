/** Every way in which a call to the legacy service fails, as one union; `problem.ts` turns it into HTTP. */

export type LegacyFailure =
  /** "…currently being processed…": the recording exists but cannot be had or removed yet. */
  | { readonly kind: 'processing'; readonly retryAfter: number | null }
  /** "Parameter X is required" and any other 400. */
  | { readonly kind: 'invalid-request'; readonly description: string | null }
  /** "Invalid api_key", as 401 or as 200 + failed. */
  | { readonly kind: 'credentials-rejected' }
  /** "File not found". */
  | { readonly kind: 'file-not-found' }
  /** "No results returned": an empty list, which is no failure to our callers. */
  | { readonly kind: 'no-results' }
  /** "Error in retrieving recording", "Error in removing recording": the account is known, and the file may well exist. */
  | { readonly kind: 'recording-failed'; readonly description: string }
  /** Any other `failed`, with the legacy's own HTTP status. */
  | { readonly kind: 'failed'; readonly status: number; readonly description: string | null }
  | { readonly kind: 'rate-limited'; readonly retryAfter: number | null }
  /** So it says itself, or it has failed so often that it is left alone for a while. */
  | { readonly kind: 'unavailable'; readonly retryAfter: number | null }
  /** Too many calls wait already; this one was not made. */
  | { readonly kind: 'overloaded' }
  /** Not an answer of this API: no XML, broken XML, HTML, nothing at all, a redirect, a 5xx without an envelope. */
  | { readonly kind: 'invalid-response'; readonly status: number; readonly reason: string }
  /** Refused, reset, or a name that does not resolve. */
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'timeout' }
  /** The caller left before the answer was there; nobody reads what becomes of it. */
  | { readonly kind: 'abandoned' }
  /** The client read so slowly that it was disconnected; it cannot be told. */
  | { readonly kind: 'slow-client' };

/** Thrown by everything in this folder. Its message is made of our own words, never of the legacy's. */
export class LegacyError extends Error {
  override readonly name = 'LegacyError';
  readonly failure: LegacyFailure;

  constructor(failure: LegacyFailure, options?: ErrorOptions) {
    super('reason' in failure ? `${failure.kind}: ${failure.reason}` : failure.kind, options);
    this.failure = failure;
  }
}
