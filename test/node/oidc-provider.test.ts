/** An identity provider that nobody here wrote issues a token over a real socket, and its bearer is let in. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Authenticate, createAuthenticate } from '../../src/auth/authenticate.ts';
import { requireScope } from '../../src/auth/caller.ts';
import { createIdentityProvider } from '../../src/auth/identity-provider.ts';
import { createJwks } from '../../src/auth/jwks.ts';

const audience = 'https://gateway.test';
const client = { id: 'phone-backend', secret: 'a-secret-of-the-provider' };
const gatewayCredentials = { accessKey: 'gateway-access', secretAccessKey: 'gateway-secret' };

const server = createServer();
let issuer: string;
let authenticate: Authenticate;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keyPair = await generateKeyPair('ES256', { extractable: true });
  const signingKey = { ...(await exportJWK(keyPair.privateKey)), use: 'sig', alg: 'ES256', kid: 'signing' };
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    ttl: { ClientCredentials: 300 },
    cookies: { keys: ['signs cookies that nobody here uses'] },
    jwks: { keys: [signingKey] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // RFC 8707: the resource becomes the audience.
        getResourceServerInfo: (_: unknown, resource: string) => ({
          scope: 'recordings:read recordings:delete',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  });
  server.on('request', provider.callback());

  const { jwks_uri: jwksUrl } = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  const keys = createJwks({ url: new URL(jwksUrl), fetch });
  const identityProvider = createIdentityProvider({ issuer, audience, keys, gatewayCredentials });
  authenticate = createAuthenticate({ tokens: null, links: null, identityProvider });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function fetchToken(resource: string): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client.id}:${client.secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'recordings:read', resource }),
  });
  const body = await response.json();
  expect(body).toMatchObject({
    token_type: 'Bearer',
    access_token: expect.stringMatching(/^[^.]+\.[^.]+\.[^.]+$/),
  });
  return body.access_token;
}

describe('a token of oidc-provider', () => {
  it('lets its bearer act on the gateway’s account, within its scope', async () => {
    const token = await fetchToken(audience);
    const caller = await authenticate(new Headers({ authorization: `Bearer ${token}` }));
    expect(caller).toMatchObject({ via: 'jwt', own: false, credentials: gatewayCredentials });
    expect(caller.scopes).toEqual(new Set(['recordings:read']));
    expect(() => requireScope(caller, 'recordings:delete')).toThrow(
      expect.objectContaining({ failure: { kind: 'insufficient-scope', required: 'recordings:delete' } }),
    );
  });

  it('is refused when it was issued for another resource', async () => {
    const token = await fetchToken('https://other.test');
    await expect(authenticate(new Headers({ authorization: `Bearer ${token}` }))).rejects.toMatchObject({
      failure: { kind: 'invalid-token', reason: 'invalid' },
    });
  });
});
