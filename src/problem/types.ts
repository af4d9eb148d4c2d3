/**
 * The problem types: every slug, its status, and the text of `/problems/{slug}`. Longer than other files, because it
 * is one table.
 */

export interface ProblemType {
  readonly status: number;
  readonly title: string;
  /** The cause, and how a client handles it. */
  readonly description: string;
}

export const problemTypes = {
  'invalid-request': {
    status: 400,
    title: 'Invalid request',
    description:
      'A parameter or the body is missing, malformed or repeated. Correct each error in `errors` and send the request again.',
  },
  'invalid-audio': {
    status: 400,
    title: 'Invalid audio',
    description:
      'The body is empty, is not what its Content-Type says, or is a WAV that players cannot play. `detail` names the fault. Nothing was uploaded.',
  },
  'incomplete-body': {
    status: 400,
    title: 'Incomplete body',
    description:
      'The body broke off, or its length differs from the one declared. Nothing was uploaded. Send it again.',
  },
  'credentials-missing': {
    status: 401,
    title: 'Credentials missing',
    description:
      'The operation requires credentials, and the request has none. See the security schemes of the operation.',
  },
  'credentials-rejected': {
    status: 401,
    title: 'Credentials rejected',
    description: 'The credentials are malformed, or the legacy service rejects the keys.',
  },
  'invalid-token': {
    status: 401,
    title: 'Invalid token',
    description: 'The token has expired or is not valid for this gateway. Request a new one.',
  },
  'insufficient-scope': {
    status: 403,
    title: 'Insufficient scope',
    description:
      'The token is valid, but lacks the scope that the operation requires. `WWW-Authenticate` names the scope.',
  },
  'invalid-link': {
    status: 403,
    title: 'Invalid link',
    description: 'The audio link has expired or belongs to other audio. Request a new one.',
  },
  'account-not-allowed': {
    status: 403,
    title: 'Account not allowed',
    description:
      'The operator of this gateway has limited it to other accounts. Valid keys of this account do not help; ask the operator.',
  },
  'resource-not-allowed': {
    status: 403,
    title: 'Resource not allowed',
    description:
      'The token is valid, but limited to other resources or recordings of the account (`authorization_details`). Request a token that names this one.',
  },
  'upload-path-not-allowed': {
    status: 403,
    title: 'Upload path not allowed',
    description:
      "With the keys that the gateway holds, an upload's `path` must lie below a prefix that the operator has allowed.",
  },
  'cross-site-form': {
    status: 403,
    title: 'Form from another site',
    description:
      'A page of an origin that the operator has not allowed sent a form with credentials that the browser remembers.',
  },
  'recording-not-found': {
    status: 404,
    title: 'Recording not found',
    description: 'The account has no recording with this sid.',
  },
  'export-not-found': {
    status: 404,
    title: 'Export not found',
    description: 'The account has no export with this ID.',
  },
  'not-found': { status: 404, title: 'Not found', description: 'There is no resource at this path.' },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    description: 'The resource does not support this method. `Allow` lists the methods that it supports.',
  },
  'not-acceptable': {
    status: 406,
    title: 'Not acceptable',
    description: 'The resource has no representation that `Accept` allows.',
  },
  'recording-processing': {
    status: 409,
    title: 'Recording still processing',
    description:
      'The legacy service is still processing the recording and cannot remove it yet. Retry after `Retry-After`.',
  },
  'export-running': {
    status: 409,
    title: 'Another export is running',
    description:
      'The account has one export at a time. `detail` names the one that runs: wait for its end, pause it or cancel it.',
  },
  'export-conflict': {
    status: 409,
    title: 'Export in another status',
    description:
      'The status of the export does not allow this. `detail` names the status. Get the export, and decide by its `status`.',
  },
  'export-copy-damaged': {
    status: 409,
    title: 'Copy damaged',
    description:
      'The copy is missing or has another digest than the manifest, so its original was not deleted. Export the recording again. This type appears in the reports of deletions only.',
  },
  'idempotency-key-in-use': {
    status: 409,
    title: 'Idempotency key in use',
    description:
      'The first request with this Idempotency-Key is still in progress. Retry after `Retry-After` to get its response.',
  },
  'upload-outcome-unknown': {
    status: 409,
    title: 'Upload outcome unknown',
    description:
      'The gateway stopped during the first request with this Idempotency-Key, so its outcome is unknown. List the recordings. If yours is missing, upload it with a new key.',
  },
  'precondition-failed': {
    status: 412,
    title: 'Precondition failed',
    description: 'The representation does not meet the conditions of the request.',
  },
  'content-too-large': {
    status: 413,
    title: 'Content too large',
    description: 'The body is larger than the operation accepts.',
  },
  'uri-too-long': {
    status: 414,
    title: 'URI too long',
    description: 'The request target is longer than 8,192 bytes.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported media type',
    description: 'The operation does not accept the media type of the body.',
  },
  'range-not-satisfiable': {
    status: 416,
    title: 'Range not satisfiable',
    description: '`Range` lies outside the audio. `Content-Range` gives the length of the audio.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'Idempotency key reused',
    description:
      'This Idempotency-Key was used for another upload within the last 24 hours, or for another export. Use a new key for a new request.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    description: 'The caller has exceeded its rate limit. Retry after `Retry-After`.',
  },
  'client-closed-request': {
    status: 499,
    title: 'Client closed request',
    description:
      'The client closed the connection before the response was ready. This type appears in logs only.',
  },
  'internal-error': {
    status: 500,
    title: 'Internal error',
    description: 'The gateway failed. Report the `request_id` to its operator.',
  },
  'upload-staging-not-configured': {
    status: 501,
    title: 'Upload staging not configured',
    description:
      'This gateway cannot accept the bytes of an upload, because it has no store for them. `detail` names what the operator has to configure. `POST /uploads` with a `path` works.',
  },
  'order-not-configured': {
    status: 501,
    title: 'Order not configured',
    description:
      'This gateway cannot sort lists, because it has no store. Send the request without `order`, and sort the recordings yourself.',
  },
  'idempotency-not-configured': {
    status: 501,
    title: 'Idempotency not configured',
    description:
      'This gateway has no store for the responses of an Idempotency-Key. Send the request without one.',
  },
  'exports-not-configured': {
    status: 501,
    title: 'Exports not configured',
    description: 'This gateway cannot run exports. `detail` names what its operator has to configure.',
  },
  'store-unavailable': {
    status: 503,
    title: 'Store unavailable',
    description: "The gateway's store failed, and the request was not completed. Retry after `Retry-After`.",
  },
  'shutting-down': {
    status: 503,
    title: 'Shutting down',
    description: 'This process of the gateway drains before it stops. Send requests to another instance.',
  },
  'tokens-not-configured': {
    status: 501,
    title: 'Tokens not configured',
    description:
      'This gateway issues no tokens and no audio links, because its operator has not set `TOKEN_KEYS`.',
  },
  'legacy-refused': {
    status: 400,
    title: 'Rejected by the legacy service',
    description:
      'The legacy service rejected the request with this 4xx status. `legacy_description` has its own description.',
  },
  'legacy-rate-limited': {
    status: 429,
    title: 'Rate limited by the legacy service',
    description: 'The legacy service limits the rate of requests. Retry after `Retry-After`.',
  },
  'legacy-failed': {
    status: 502,
    title: 'Legacy service failed',
    description:
      'The legacy service reported a failure, which may be temporary. It does not mean that the recording is gone.',
  },
  'legacy-invalid-response': {
    status: 502,
    title: 'Invalid response from the legacy service',
    description: 'The legacy service sent a response that does not follow its API.',
  },
  'legacy-unreachable': {
    status: 502,
    title: 'Legacy service unreachable',
    description: 'The connection to the legacy service failed or broke.',
  },
  'legacy-credentials-rejected': {
    status: 502,
    title: "Gateway's keys rejected",
    description:
      'The legacy service rejected the keys that the gateway holds. Only the operator can correct them.',
  },
  'identity-provider-unavailable': {
    status: 503,
    title: 'Identity provider unavailable',
    description:
      'The gateway cannot verify the token, because the identity provider does not respond. Retry later.',
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    description:
      'The queue for the legacy service is full, so the request was not sent. Retry after `Retry-After`.',
  },
  'legacy-unavailable': {
    status: 503,
    title: 'Legacy service unavailable',
    description:
      'The legacy service is unavailable, or has failed so often that the gateway has paused calls to it. Retry after `Retry-After`.',
  },
  'legacy-timeout': {
    status: 504,
    title: 'Legacy service timed out',
    description: 'The legacy service did not respond before the timeout.',
  },
} as const satisfies Record<string, ProblemType>;

export type ProblemSlug = keyof typeof problemTypes;
