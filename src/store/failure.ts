/** Every failure of the store that a client sees, as one union. */

export type StoreFailure =
  /** The object was replaced or deleted while it was opened, or the store failed. */
  | { readonly kind: 'not-readable' }
  /** The legacy service removed the recording, but its stored audio may remain. */
  | { readonly kind: 'not-purged' }
  /** Nothing was uploaded. */
  | { readonly kind: 'upload-not-stored' };

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly failure: StoreFailure;

  constructor(failure: StoreFailure, options?: ErrorOptions) {
    super(failure.kind, options);
    this.failure = failure;
  }
}
