/** The one port through which the legacy service is reached; every runtime has its adapter beside this file. */

/** A call as it goes over the wire. `body` is a form (`application/x-www-form-urlencoded`), present with POST only. */
export interface LegacyRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborted when the caller has left or the deadline has passed; the connection is closed then. */
  readonly signal: AbortSignal;
}

export interface LegacyResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: LegacyBody;
  /** Counts characters that were repaired in the body, and records that were left out. */
  readonly countRepairs?: (count: number) => void;
}

/**
 * In bytes; null where the header is absent, is no length, or says nothing of what is read: where the platform decodes
 * the body on the way, and where the body comes in chunks as well, which override it (RFC 9112, section 6.3).
 */
export function contentLength({ headers }: Pick<LegacyResponse, 'headers'>): number | null {
  const text = headers.get('content-length') ?? '';
  const encoding = headers.get('content-encoding') ?? 'identity';
  const isWhole = encoding === 'identity' && headers.get('transfer-encoding') === null;
  return isWhole && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** An answer's body, read in order by one reader. Whoever holds it reads it to its end, relays it, or cancels it. */
export interface LegacyBody {
  /** The next bytes as they arrive, or null at the end. Never an empty array. Rejects when the connection breaks. */
  read(): Promise<Uint8Array | null>;
  /** Discards that many bytes and reports each piece of them. Rejects when the body ends before, or breaks. */
  skip(bytes: number, onSkipped?: (bytes: number) => void): Promise<void>;
  /**
   * Hands the rest on as a stream that the platform moves by itself: first `head` (bytes that were read already),
   * then what is still to come. With `length` the stream carries exactly that many bytes, head included: it errors
   * when the legacy sends fewer, and closes the legacy connection when it has been sent in full.
   * Cancelling the stream closes the legacy connection.
   */
  relay(options: RelayOptions): ReadableStream<Uint8Array>;
  /** Closes the legacy connection. Safe to call twice, and after the end. Never rejects. */
  cancel(): Promise<void>;
}

export interface RelayOptions {
  readonly head: Uint8Array;
  /** In bytes, or null where the legacy did not say. */
  readonly length: number | null;
  /** Told of every wait, and of the end. */
  readonly clock?: Clock;
  /** Breaks the stream off when it is aborted, also where the legacy has sent everything and the client has yet to read. */
  readonly signal?: AbortSignal;
  /** Where the length is unknown, decides at the end whether the body is whole. */
  readonly ending?: Ending;
}

/** Looks at a body without a length as it passes. */
export interface Ending {
  /** The next bytes behind `head`; their memory may be used again. */
  pass(chunk: Uint8Array): void;
  /** Asked once, at the end of the body; a stream that is cut errors with ShortBodyError. */
  isCut(): boolean;
}

/** What times the legacy: only the waits for it count, not those for a client who reads slowly. */
export interface Clock {
  /** The next bytes are being waited for. */
  wait(): void;
  /** So many are there; or none, and nobody wants any for now. */
  received(bytes: number): void;
  /** Nothing will be waited for any more; because of that, where it is not the end. Safe to call twice: the first counts. */
  clear(cause?: unknown): void;
}

/** Rejects with whatever the platform throws on a refused or reset connection; the client gives that its name. */
export type LegacyTransport = (request: LegacyRequest) => Promise<LegacyResponse>;

/** No connection came about, so that the legacy cannot have seen anything of the call. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError';
  readonly isTimeout: boolean;

  constructor(isTimeout: boolean, options: ErrorOptions) {
    super('no connection', options);
    this.isTimeout = isTimeout;
  }
}

/** The legacy ended its body before the bytes that it owed. */
export class ShortBodyError extends Error {
  override readonly name = 'ShortBodyError';

  constructor() {
    super('the body ended too early');
  }
}
