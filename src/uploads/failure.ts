/** Every reason why a body cannot be staged, as one union. */

export type StagingFailure =
  /** The body is empty, is not the declared kind, or its header contradicts its length. */
  | { readonly kind: 'not-audio'; readonly detail: string }
  /** An HTML form that is malformed, or does not have exactly one file. */
  | { readonly kind: 'invalid-form'; readonly detail: string }
  /** The client disconnected, or sent another length than it declared. */
  | { readonly kind: 'incomplete' }
  /** In bytes. */
  | { readonly kind: 'too-large'; readonly limit: number };

/** Nothing is staged when this is thrown. */
export class StagingError extends Error {
  override readonly name = 'StagingError';
  readonly failure: StagingFailure;

  constructor(failure: StagingFailure, options?: ErrorOptions) {
    super(failure.kind, options);
    this.failure = failure;
  }
}
