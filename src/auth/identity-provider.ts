/** External tokens: JWTs (RFC 7519, RFC 9068) signed by the operator's identity provider. */
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { LegacyCredentials } from '../legacy/wire.ts';
import type { Access } from './caller.ts';
import { isCanonicalJws } from './canonical.ts';
import { AuthError, type TokenReason } from './failure.ts';
import { parseNarrowingClaim } from './narrowing.ts';
import { isScope, type Scope } from './scopes.ts';

export interface IdentityProvider {
  /** Throws AuthError. */
  open(token: string): Promise<Access>;
}

export interface IdentityProviderOptions {
  readonly issuer: string;
  readonly audience: string;
  /** The provider's keys; see createJwks. */
  readonly keys: JWTVerifyGetKey;
  /** The gateway's own account, which all these callers use. */
  readonly gatewayCredentials: LegacyCredentials;
  /** The claim that narrows a token; null if every token reaches the whole account. */
  readonly narrowingClaim?: string | null;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Public-key signatures only. HS256 would accept the public key as the secret, and `none` needs no key (RFC 8725
 * section 3.1).
 */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/**
 * RFC 8725 section 3.11: other JWTs of the provider, such as logout tokens and proofs of possession, are not access
 * tokens.
 */
const types = ['jwt', 'at+jwt'];

/** Clock skew allowed, in seconds. */
const clockTolerance = 30;

const maxLength = 16_384;

export function createIdentityProvider(options: IdentityProviderOptions): IdentityProvider {
  const { issuer, audience, keys, gatewayCredentials: credentials, now = Date.now } = options;
  const { narrowingClaim = null } = options;
  return {
    async open(token) {
      if (token.length > maxLength || !isCanonicalJws(token)) throw invalid('malformed');
      const currentDate = new Date(now());
      const checks = { issuer, audience, algorithms, clockTolerance, currentDate, requiredClaims: ['exp'] };
      const { payload, protectedHeader } = await jwtVerify(token, keys, checks).catch((error) => {
        if (error instanceof AuthError) throw error;
        // Only the message: jose's errors carry the token's claims.
        throw invalid(toReason(error), { cause: error instanceof Error ? error.message : error });
      });
      if (!isAccessTokenType(protectedHeader.typ)) throw invalid('type');
      return {
        credentials,
        scopes: toScopes(payload),
        narrowing: narrowingClaim === null ? null : parseNarrowingClaim(payload[narrowingClaim]),
        bringsOwnKeys: false,
        authMethod: 'jwt',
        expiresAt: payload.exp ?? 0,
        names: [issuer, String(payload.sub ?? ''), toClient(payload)],
      };
    },
  };
}

function isAccessTokenType(type: string | undefined): boolean {
  return type === undefined || types.includes(type.toLowerCase().replace(/^application\//, ''));
}

/**
 * The first claim that names any of our scopes: `scope` (RFC 9068), `scp` (Entra, Okta), `permissions` (Auth0). Never
 * their union: `permissions` may list a user's maximum, and `scope` what this token was requested for.
 */
export function toScopes({ scope, scp, permissions }: JWTPayload): Scope[] {
  for (const claim of [scope, scp, permissions]) {
    const names: unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
    const ours = names.filter(isScope);
    if (ours.length > 0) return ours;
  }
  return [];
}

function toClient({ client_id: clientId, azp }: JWTPayload): string {
  return String(clientId ?? azp ?? '');
}

function invalid(reason: TokenReason, options?: ErrorOptions): AuthError {
  return new AuthError({ kind: 'invalid-token', reason }, options);
}

const claimReasons: Readonly<Record<string, TokenReason>> = {
  iss: 'issuer',
  aud: 'audience',
  nbf: 'not-yet-valid',
};

function toReason(error: unknown): TokenReason {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return claimReasons[error.claim] ?? 'claims';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return 'unknown-key';
  }
  return 'malformed';
}
