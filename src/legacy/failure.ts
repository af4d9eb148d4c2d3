/** Every failure of a legacy call, as one union; `middleware/errors/legacy.ts` maps it to HTTP. */

export type LegacyFailure =
  /** "…currently being processed…": the recording exists, but cannot be downloaded or removed yet. */
  | { readonly kind: 'processing'; readonly retryAfter: number | null }
  /** "Parameter X is required" and any other 400. */
  | { readonly kind: 'invalid-request'; readonly description: string | null }
  /** "Invalid api_key", as 401 or as 200 + failed. */
  | { readonly kind: 'credentials-rejected' }
  /** "File not found". */
  | { readonly kind: 'file-not-found' }
  /** "No results returned": an empty list, which our callers do not treat as a failure. */
  | { readonly kind: 'no-results' }
  /** "Error in retrieving recording", "Error in removing recording": the account is known and the file may exist. */
  | { readonly kind: 'recording-failed'; readonly description: string }
  /** Any other `failed`, with the HTTP status of the legacy service. */
  | { readonly kind: 'failed'; readonly status: number; readonly description: string | null }
  | { readonly kind: 'rate-limited'; readonly retryAfter: number | null }
  /** The legacy service says so itself, or its circuit is open. */
  | { readonly kind: 'unavailable'; readonly retryAfter: number | null }
  /** The queue is full, so the call was not sent. */
  | { readonly kind: 'overloaded' }
  /** Not a response of this API: no XML, invalid XML, HTML, an empty body, a redirect, a 5xx without an envelope. */
  | {
      readonly kind: 'invalid-response';
      readonly status: number;
      readonly reason: string;
      /** The runtime cannot parse the HTTP, so the status may be unknown. */
      readonly isMalformed?: true;
    }
  /** Connection refused or reset, or a name that does not resolve. */
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'timeout' }
  /** The client disconnected before the response. */
  | { readonly kind: 'abandoned' }
  /** The client read so slowly that it was disconnected. No response can reach it. */
  | { readonly kind: 'slow-client' };

/** Thrown by everything in this folder. Its message is our own text and never quotes the legacy service. */
export class LegacyError extends Error {
  override readonly name = 'LegacyError';
  readonly failure: LegacyFailure;

  constructor(failure: LegacyFailure, options?: ErrorOptions) {
    super('reason' in failure ? `${failure.kind}: ${failure.reason}` : failure.kind, options);
    this.failure = failure;
  }
}
