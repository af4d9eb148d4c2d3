/** An identity provider for tests: it serves keys and signs tokens. */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

const issuer = 'https://id.example';
const audience = 'https://gateway.example';

export interface JwtIssuer {
  /** Variables of a gateway that trusts it, with the keys of the emulator's account `page`. */
  readonly env: Readonly<Record<string, string>>;
  /** Responds with its public keys. */
  readonly fetch: () => Promise<Response>;
  readonly publicKey: JsonWebKey;
  /** Valid for five minutes unless the claims say otherwise. */
  sign(claims?: JWTPayload): Promise<string>;
}

export async function createJwtIssuer(): Promise<JwtIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'signing', alg: 'ES256', use: 'sig' };
  return {
    env: {
      JWKS_URL: `${issuer}/jwks`,
      JWT_ISSUER: issuer,
      JWT_AUDIENCE: audience,
      LEGACY_ACCESS_KEY: 'foofoofoo',
      LEGACY_SECRET_ACCESS_KEY: 'foobarfoo',
    },
    fetch: async () => Response.json({ keys: [jwk] }),
    publicKey: jwk as JsonWebKey,
    sign: (claims = {}) =>
      new SignJWT({ sub: 'ann', scope: 'recordings:read', ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'signing', typ: 'at+jwt' })
        .setIssuer(issuer)
        .setAudience(claims.aud ?? audience)
        .setExpirationTime(claims.exp ?? '5m')
        .sign(privateKey),
  };
}
