/** The problem types: every slug, its status, and the text that `/problems/{slug}` shows. */

export interface ProblemType {
  readonly status: number;
  readonly title: string;
  /** What happened and what a client does about it. */
  readonly description: string;
}

export const problemTypes = {
  'invalid-request': {
    status: 400,
    title: 'Invalid request',
    description:
      'A parameter or the body is missing, malformed or given twice. `errors` names each fault; mend and send again.',
  },
  'invalid-audio': {
    status: 400,
    title: 'Invalid audio',
    description:
      'The body is empty, does not begin as its Content-Type says, or is a WAV whose header contradicts its length. Nothing was uploaded.',
  },
  'incomplete-body': {
    status: 400,
    title: 'Incomplete body',
    description:
      'The body broke off, or has another length than the request declared. Nothing was uploaded; send it again.',
  },
  'credentials-missing': {
    status: 401,
    title: 'Credentials missing',
    description:
      'The operation needs credentials and the request has none. See the security of the operation.',
  },
  'credentials-rejected': {
    status: 401,
    title: 'Credentials rejected',
    description: 'The credentials are malformed, or the legacy service does not know these keys.',
  },
  'invalid-token': {
    status: 401,
    title: 'Invalid token',
    description: 'The token has expired or is not valid here. Get another one.',
  },
  'insufficient-scope': {
    status: 403,
    title: 'Insufficient scope',
    description: 'The token is good, but lacks the scope that the operation needs; the challenge names it.',
  },
  'invalid-link': {
    status: 403,
    title: 'Invalid link',
    description: 'The audio link has expired, or is not for this audio. Ask for another one.',
  },
  'upload-path-not-allowed': {
    status: 403,
    title: 'Upload path not allowed',
    description:
      "With the gateway's own keys the legacy service is only sent to places that the gateway's operator has named.",
  },
  'cross-site-form': {
    status: 403,
    title: 'Form from another site',
    description:
      "A page of an origin that the gateway's operator has not allowed sent a form. Browsers send forms unasked, and with the credentials they remember.",
  },
  'recording-not-found': {
    status: 404,
    title: 'Recording not found',
    description: 'The account has no recording with this sid.',
  },
  'not-found': { status: 404, title: 'Not found', description: 'There is no resource at this path.' },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    description: 'The resource does not support the method; `Allow` lists those it does.',
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
      'The legacy service is still processing the recording and refuses to remove it. Try again after `Retry-After`.',
  },
  'idempotency-key-in-use': {
    status: 409,
    title: 'Idempotency key in use',
    description:
      'The first request with this Idempotency-Key is still being carried out. Try again after `Retry-After` for its answer.',
  },
  'upload-outcome-unknown': {
    status: 409,
    title: 'Upload outcome unknown',
    description:
      'The gateway was stopped while it carried out the first request with this Idempotency-Key, so nobody knows how that ended. List the recordings, then decide whether to upload with another key.',
  },
  'precondition-failed': {
    status: 412,
    title: 'Precondition failed',
    description: 'The representation is not, or is no longer, the one that the request requires.',
  },
  'content-too-large': {
    status: 413,
    title: 'Content too large',
    description: 'The body is larger than the operation takes.',
  },
  'uri-too-long': {
    status: 414,
    title: 'URI too long',
    description: 'The request target is longer than 8,192 bytes.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported media type',
    description: 'The body is not of a media type that the operation takes.',
  },
  'range-not-satisfiable': {
    status: 416,
    title: 'Range not satisfiable',
    description:
      'The audio has none of the bytes that `Range` asks for; `Content-Range` says how many there are.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'Idempotency key reused',
    description:
      'This Idempotency-Key was used for another upload within the last 24 hours. A new upload needs a new key.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    description: 'The caller sends more requests than the gateway takes. Try again after `Retry-After`.',
  },
  'client-closed-request': {
    status: 499,
    title: 'Client closed request',
    description: 'The client closed the connection before the answer was ready. It appears in logs only.',
  },
  'internal-error': {
    status: 500,
    title: 'Internal error',
    description: 'The gateway itself failed. Report the `request_id`.',
  },
  'upload-staging-not-configured': {
    status: 501,
    title: 'Upload staging not configured',
    description:
      'This gateway cannot take the bytes of an upload, because it has no place to keep them for the legacy service. `detail` says what its operator has to set. `POST /uploads` with a `path` works.',
  },
  'idempotency-not-configured': {
    status: 501,
    title: 'Idempotency not configured',
    description:
      'This gateway has no store in which to keep first answers, so it cannot honour an Idempotency-Key. Send the request without one.',
  },
  'store-unavailable': {
    status: 503,
    title: 'Store unavailable',
    description:
      "The gateway's own store failed, and what was asked for was not done, or not to its end. Try again after `Retry-After`.",
  },
  'tokens-not-configured': {
    status: 501,
    title: 'Tokens not configured',
    description:
      'The gateway issues neither tokens nor audio links before its operator has set `TOKEN_KEYS`.',
  },
  'legacy-refused': {
    status: 400,
    title: 'Refused by the legacy service',
    description:
      'The legacy service refused the request with this 4xx status; `legacy_description` has its words.',
  },
  'legacy-rate-limited': {
    status: 429,
    title: 'Rate limited by the legacy service',
    description: 'The legacy service asks for fewer requests. Try again after `Retry-After`.',
  },
  'legacy-failed': {
    status: 502,
    title: 'Legacy service failed',
    description:
      'The legacy service answered that it failed. It may succeed later; nothing says that the recording is gone.',
  },
  'legacy-invalid-response': {
    status: 502,
    title: 'Invalid response from the legacy service',
    description: 'The legacy service answered with something that is not an answer of its API.',
  },
  'legacy-unreachable': {
    status: 502,
    title: 'Legacy service unreachable',
    description: 'The connection to the legacy service was refused or broke.',
  },
  'legacy-credentials-rejected': {
    status: 502,
    title: "Gateway's keys rejected",
    description: 'The legacy service refused the keys that the gateway holds. Its operator has to mend them.',
  },
  'identity-provider-unavailable': {
    status: 503,
    title: 'Identity provider unavailable',
    description:
      'The token cannot be checked because the identity provider does not answer. Try again later.',
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    description:
      'As many requests as the gateway lets wait for the legacy service are waiting. Nothing was done. Try again after `Retry-After`.',
  },
  'legacy-unavailable': {
    status: 503,
    title: 'Legacy service unavailable',
    description:
      'The legacy service says that it is not available, or has failed so often that the gateway gives it a rest. Try again after `Retry-After`.',
  },
  'legacy-timeout': {
    status: 504,
    title: 'Legacy service timed out',
    description: 'The legacy service did not answer before the deadline.',
  },
} as const satisfies Record<string, ProblemType>;

export type ProblemSlug = keyof typeof problemTypes;
