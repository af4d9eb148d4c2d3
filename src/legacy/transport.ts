/** The port to the legacy service; the adapters are in `node/` and `workers/`. */

/** One HTTP request to the legacy service. `body` is a form (`application/x-www-form-urlencoded`), for POST only. */
export interface LegacyRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborted on disconnect or timeout, which closes the connection. */
  readonly signal: AbortSignal;
  /** Whether the response may be audio, which waits for its client. */
  readonly isDownload?: boolean;
}

export interface LegacyResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: LegacyBody;
  /** Counts repaired characters and omitted records of the body. */
  readonly countRepairs?: (count: number) => void;
}

/**
 * In bytes. Null if the header is absent or invalid, if the platform decodes the body on the way, and if the body is
 * chunked, which overrides the length (RFC 9112, section 6.3).
 */
export function contentLength({ headers }: Pick<LegacyResponse, 'headers'>): number | null {
  const text = headers.get('content-length') ?? '';
  const encoding = headers.get('content-encoding') ?? 'identity';
  const isWhole = encoding === 'identity' && headers.get('transfer-encoding') === null;
  return isWhole && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** A response body with one sequential reader. The owner reads it to its end, relays it, or cancels it. */
export interface LegacyBody {
  /** The next bytes as they arrive, or null at the end. Never an empty array. Rejects if the connection breaks. */
  read(): Promise<Uint8Array | null>;
  /** Discards this many bytes and reports each chunk of them. Rejects if the body ends early or breaks. */
  skip(bytes: number, onSkipped?: (bytes: number) => void): Promise<void>;
  /**
   * Passes the rest on as a stream that the platform moves natively: first `head` (bytes already read), then the
   * remaining bytes. With `length` the stream carries exactly that many bytes, head included: it fails if the legacy
   * service sends fewer, and closes the legacy connection after the last one. Cancelling the stream closes the legacy
   * connection.
   */
  relay(options: RelayOptions): ReadableStream<Uint8Array>;
  /** Closes the legacy connection. Safe to call twice, and after the end. Never rejects. */
  cancel(): Promise<void>;
}

export interface RelayOptions {
  readonly head: Uint8Array;
  /** In bytes, or null if the legacy service did not say. */
  readonly length: number | null;
  /** Notified of every wait and of the end. */
  readonly clock?: Clock;
  /**
   * Interrupts the stream when aborted, even after the legacy service has sent everything and while the client still
   * reads.
   */
  readonly signal?: AbortSignal;
  /** For an unknown length: decides at the end whether the body is complete. */
  readonly ending?: Ending;
}

/** Inspects a body without a length as it passes. */
export interface Ending {
  /** The next bytes after `head`; their memory may be reused. */
  pass(chunk: Uint8Array): void;
  /** Called once, at the end of the body. A truncated stream fails with ShortBodyError. */
  isCut(): boolean;
}

/** Times the waits for the legacy service, and not those for a slow client. */
export interface Clock {
  /** A wait for the next bytes starts. */
  wait(): void;
  /** Bytes arrived; 0 if the wait ended without any. */
  received(bytes: number): void;
  /** Ends all waits. `cause` is the interruption, if any. Safe to call twice: the first call counts. */
  clear(cause?: unknown): void;
}

/** Rejects with the platform's own error if the connection is refused or reset; the client classifies it. */
export type LegacyTransport = (request: LegacyRequest) => Promise<LegacyResponse>;

/** No connection was made, so the legacy service has not seen the call. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError';
  readonly isTimeout: boolean;

  constructor(isTimeout: boolean, options: ErrorOptions) {
    super('no connection', options);
    this.isTimeout = isTimeout;
  }
}

/** The runtime cannot parse the response as HTTP, or cannot decode its body by its `Content-Encoding`. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';

  constructor(options: ErrorOptions) {
    super('malformed HTTP', options);
  }
}

/** The legacy service sent fewer bytes than it announced. */
export class ShortBodyError extends Error {
  override readonly name = 'ShortBodyError';

  constructor() {
    super('the body ended too early');
  }
}
