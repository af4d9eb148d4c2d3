/** Every reason to reject a caller, as one union. Its texts help only the owner of the credentials. */
import type { Scope } from './scopes.ts';

export type AuthFailure =
  | { readonly kind: 'missing' }
  /** The header is not of the scheme's syntax. */
  | { readonly kind: 'malformed'; readonly scheme: 'basic' | 'bearer'; readonly detail: string }
  /** An unknown scheme, or one that this gateway is not configured for. */
  | { readonly kind: 'unsupported'; readonly detail: string }
  | { readonly kind: 'two-credentials' }
  | { readonly kind: 'invalid-token'; readonly reason: TokenReason }
  | { readonly kind: 'invalid-link'; readonly reason: TokenReason | 'other-audio' }
  | { readonly kind: 'insufficient-scope'; readonly required: Scope }
  /** ALLOWED_ACCOUNTS leaves the account out. */
  | { readonly kind: 'account-not-allowed' }
  /** The token is narrowed to other resources and recordings. */
  | { readonly kind: 'resource-not-allowed' }
  /** Keys that the legacy refused, sent as such or inside a token. */
  | { readonly kind: 'credentials-rejected'; readonly authMethod: 'basic' | 'token' }
  /** Too many refused keys from this address; in seconds. */
  | { readonly kind: 'too-many-failures'; readonly retryAfter: number }
  /** The key set could not be fetched, so the token is neither good nor bad; in seconds. */
  | { readonly kind: 'identity-provider-unavailable'; readonly retryAfter: number };

/** Why a token or link does not open. The log has all of it; a response only says whether it has expired. */
export type TokenReason =
  | 'expired'
  /** Of a JWT: `nbf` lies ahead. */
  | 'not-yet-valid'
  /** Of a JWT: a claim has another value than this gateway requires. */
  | 'issuer'
  | 'audience'
  /** Of a JWT: `exp` is missing, or another claim has the wrong form. */
  | 'claims'
  /** No key of the identity provider, or of TOKEN_KEYS, has this `kid`. */
  | 'unknown-key'
  /** It was changed, or sealed under another PUBLIC_URL. */
  | 'signature'
  | 'algorithm'
  /** Of a JWT: it is no access token. */
  | 'type'
  /** Not a JWS or JWE of the form that this gateway reads. */
  | 'malformed'
  /** Sealed by a release that wrote something else into it. */
  | 'contents'
  /** A link made with keys from a time when the gateway accepted or held them. */
  | 'keys-not-accepted';

export class AuthError extends Error {
  override readonly name = 'AuthError';
  readonly failure: AuthFailure;

  constructor(failure: AuthFailure, options?: ErrorOptions) {
    super(failure.kind, options);
    this.failure = failure;
  }
}

export function toDetail(failure: AuthFailure): string {
  switch (failure.kind) {
    case 'missing':
      return 'The operation requires credentials, and the request has none.';
    case 'malformed':
    case 'unsupported':
      return failure.detail;
    case 'two-credentials':
      return 'The request has two credentials. Send one.';
    case 'invalid-token':
      return failure.reason === 'expired'
        ? 'The token has expired.'
        : 'The token is not valid for this gateway.';
    case 'invalid-link':
      return toLinkDetail(failure.reason);
    case 'insufficient-scope':
      return `The token lacks the scope ${failure.required}.`;
    case 'resource-not-allowed':
      return 'The token is limited to other resources or recordings of the account.';
    case 'account-not-allowed':
      return 'This gateway does not serve the account of these credentials. Ask its operator.';
    case 'credentials-rejected':
      return failure.authMethod === 'basic'
        ? 'The legacy service rejects these keys.'
        : 'The legacy service no longer accepts the keys behind this token.';
    case 'too-many-failures':
      return 'Too many rejected keys came from this address. Retry later.';
    case 'identity-provider-unavailable':
      return 'The identity provider does not respond, so the token cannot be verified. Retry later.';
  }
}

function toLinkDetail(reason: TokenReason | 'other-audio'): string {
  if (reason === 'expired') return 'The link has expired.';
  if (reason === 'other-audio') return 'The link is for another recording, format or sample rate.';
  return 'The link is not valid for this gateway.';
}

/** For the log alone: the details would help someone who forges tokens. */
export function toReason(failure: AuthFailure): string {
  return 'reason' in failure ? failure.reason : failure.kind;
}
