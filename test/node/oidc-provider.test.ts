/** An independent identity provider issues a token over a real socket, which the gateway accepts. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway } from '../support/harness.ts';
import { bearer } from '../support/token-client.ts';

const audience = 'https://gateway.test';
const client = { id: 'phone-backend', secret: 'a-secret-of-the-provider' };

const server = createServer();
let issuer: string;
let jwksUrl: string;

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
    cookies: { keys: ['signs unused cookies'] },
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

  ({ jwks_uri: jwksUrl } = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json());
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

/** Of the emulator's account `page`, which is the gateway's own. */
const keys = { LEGACY_ACCESS_KEY: 'foofoofoo', LEGACY_SECRET_ACCESS_KEY: 'foobarfoo' };

const start = (env: Record<string, string> = {}) =>
  startGateway({
    env: { ...keys, JWKS_URL: jwksUrl, JWT_ISSUER: issuer, JWT_AUDIENCE: audience, ...env },
  });

const list = '/recordings?type=findme&id=1234';

describe('a token of oidc-provider', () => {
  it('lets its bearer act on the gateway’s account, within its scope', async () => {
    const gateway = await start();
    const headers = bearer(await fetchToken(audience));
    const listed = await gateway.fetch(list, { headers });
    expect([listed.status, (await listed.json()).recordings.length]).toEqual([200, 2]);
    const audio = await gateway.fetch('/recordings/0907065723240097/audio', { headers });
    expect([audio.status, new TextDecoder().decode(await audio.bytes()).slice(0, 4)]).toEqual([200, 'RIFF']);
    expect(gateway.emulator.calls.map(({ account }) => account)).toEqual(['page', 'page']);

    const removal = await gateway.fetch('/recordings/0907065723240097', { method: 'DELETE', headers });
    expect([removal.status, (await removal.json()).type]).toEqual([403, '/problems/insufficient-scope']);
    expect(gateway.emulator.calls).toHaveLength(2);
  });

  it('is rejected if it was issued for another resource, or by another issuer', async () => {
    const other = bearer(await fetchToken('https://other.test'));
    const good = bearer(await fetchToken(audience));
    for (const [gateway, headers] of [
      [await start(), other],
      [await start({ JWT_ISSUER: 'https://other.test' }), good],
    ] as const) {
      const response = await gateway.fetch(list, { headers });
      expect([response.status, (await response.json()).type]).toEqual([401, '/problems/invalid-token']);
      expect(gateway.emulator.calls).toHaveLength(0);
    }
  });

  it('gets a 503 while the provider’s keys are unavailable', async () => {
    const gateway = await start({ JWKS_URL: `${issuer}/nothing-here` });
    const response = await gateway.fetch(list, { headers: bearer(await fetchToken(audience)) });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ type: '/problems/identity-provider-unavailable' });
  });

  it("is not reported as invalid when the legacy service rejects the gateway's own keys", async () => {
    const gateway = await start({ LEGACY_SECRET_ACCESS_KEY: 'wrong' });
    const response = await gateway.fetch(list, { headers: bearer(await fetchToken(audience)) });
    expect([response.status, (await response.json()).type]).toEqual([
      502,
      '/problems/legacy-credentials-rejected',
    ]);
  });
});
