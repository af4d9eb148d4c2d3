/** Every failure of the store that a client sees, as one union. */

export type StoreFailure =
  /** The object was replaced or deleted while it was opened, or the store failed. */
  | { readonly kind: 'not-readable' }
  /** The legacy service removed the recording, but its stored audio may remain. */
  | { readonly kind: 'not-purged' }
  /** Nothing was uploaded. */
  | { readonly kind: 'upload-not-stored' }
  /** An object of an export could not be read or written. */
  | { readonly kind: 'export-not-stored' };

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly failure: StoreFailure;

  constructor(failure: StoreFailure, options?: ErrorOptions) {
    super(failure.kind, options);
    this.failure = failure;
  }

  /** Null if the store was called. */
  get retryAfterSeconds(): number | null {
    return this.cause instanceof CircuitOpenError ? this.cause.retryAfterSeconds : null;
  }
}

/** The store was not called, because it did not respond lately. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';
  readonly retryAfterSeconds: number;

  constructor(leftMs: number) {
    super('the circuit of the store is open');
    this.retryAfterSeconds = Math.max(1, Math.ceil(leftMs / 1000));
  }
}

/** For log lines: names, statuses and codes such as `S3Error 503 SlowDown`. Messages may hold paths and keys. */
export function describeCause(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  const { status, code, errcode } = cause as { [name in 'status' | 'code' | 'errcode']?: unknown };
  const known = [
    typeof status === 'number' ? [status] : [],
    typeof code === 'string' && /^\w{1,60}$/.test(code) ? [code] : [],
    // SQLite's: 13 is a full disk, 8 a read-only folder.
    typeof errcode === 'number' ? [errcode] : [],
  ].flat();
  return [cause.name, ...known].join(' ');
}
