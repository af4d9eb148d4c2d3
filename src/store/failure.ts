/** Every way in which a failing store reaches a client, as one union. */

export type StoreFailure =
  /** The object was replaced or deleted while it was opened, or the store failed. */
  | { readonly kind: 'not-readable' }
  /** The legacy service removed the recording; its stored audio may still be there. */
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
