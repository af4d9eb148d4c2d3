/** Access: every operation of the document with every authentication method, valid, expired, and without the scope. */
import { describe, expect, it } from 'vitest';
import { createOwner } from '../../src/auth/caller.ts';
import { createAudioLinks } from '../../src/auth/links.ts';
import { scopes } from '../../src/auth/scopes.ts';
import { createAccessTokens } from '../../src/auth/tokens.ts';
import { basic, startGateway, type TestGateway } from '../support/harness.ts';
import { createJwtIssuer } from '../support/jwt-issuer.ts';
import { guarded, type Operation, operations, toSuccesses } from '../support/operations.ts';
import { agedSealer, bearer, issueToken, tokenEnv } from '../support/token-client.ts';

const issuer = await createJwtIssuer();
const now = Math.floor(Date.now() / 1000);
const owner = { accessKey: 'foofoofoo', secretAccessKey: 'foobarfoo' };

type Headers = Record<string, string>;

interface Way {
  readonly title: string;
  headers(gateway: TestGateway, operation: Operation & { scope: string }): Promise<Headers> | Headers;
  /** Null if the credentials are accepted. */
  readonly refusal: { readonly status: number; readonly problem: string; readonly challenge: RegExp } | null;
}

const otherScopes = (scope: string) => scopes.filter((other) => other !== scope).join(' ');
const invalidToken = /^Bearer realm="recordings", error="invalid_token", error_description="[^"]+"$/;
const insufficient = /^Bearer realm="recordings", error="insufficient_scope", .*scope="[a-z:]+"$/;

const ways: Way[] = [
  {
    title: 'no credentials',
    headers: () => ({}),
    refusal: {
      status: 401,
      problem: 'credentials-missing',
      challenge: /^Basic realm="recordings", charset="UTF-8", Bearer realm="recordings"$/,
    },
  },
  { title: 'the keys by Basic', headers: ({ emulator }) => basic(emulator), refusal: null },
  {
    title: 'a token with the scope',
    headers: async (gateway, { scope }) => bearer(await issueToken(gateway, { scope })),
    refusal: null,
  },
  {
    title: 'a token with the other scopes',
    headers: async (gateway, { scope }) => bearer(await issueToken(gateway, { scope: otherScopes(scope) })),
    refusal: { status: 403, problem: 'insufficient-scope', challenge: insufficient },
  },
  {
    title: 'an expired token',
    async headers() {
      const tokens = createAccessTokens({ sealer: agedSealer(61), now: () => Date.now() - 61_000 });
      return bearer(await tokens.issue({ credentials: owner, scopes, expiresIn: 60 }));
    },
    refusal: { status: 401, problem: 'invalid-token', challenge: invalidToken },
  },
  {
    title: 'a JWT with the scope',
    headers: async (_, { scope }) => bearer(await issuer.sign({ scope })),
    refusal: null,
  },
  {
    title: 'a JWT with the other scopes',
    headers: async (_, { scope }) => bearer(await issuer.sign({ scope: otherScopes(scope) })),
    refusal: { status: 403, problem: 'insufficient-scope', challenge: insufficient },
  },
  {
    title: 'an expired JWT',
    headers: async () => bearer(await issuer.sign({ scope: scopes.join(' '), exp: now - 60 })),
    refusal: { status: 401, problem: 'invalid-token', challenge: invalidToken },
  },
  {
    title: 'a JWT for another audience',
    headers: async () => bearer(await issuer.sign({ scope: scopes.join(' '), aud: 'https://other.example' })),
    refusal: { status: 401, problem: 'invalid-token', challenge: invalidToken },
  },
  {
    title: 'an audio link in the header',
    async headers() {
      const links = createAudioLinks({ sealer: agedSealer(0), gatewayCredentials: null });
      const audio = { sid: '0907065723240097', format: 'wav', sampleRate: 8000 } as const;
      return bearer(await links.create(await createOwner(owner), audio, now + 60));
    },
    refusal: { status: 401, problem: 'invalid-token', challenge: invalidToken },
  },
];

const env = { ...issuer.env, ...tokenEnv, UPLOAD_PATH_PREFIXES: '/path/' };
const start = () => startGateway({ env, fetch: issuer.fetch });

/** The URL itself is the credential, or the operation reads credentials in its own way. */
const special = ['getStagedAudio', 'issueToken'];

describe('an operation that needs a scope', () => {
  it('is every operation except those about the service and about credentials', () => {
    const open = operations.filter(({ scope }) => scope === null).map(({ operationId }) => operationId);
    const service = /^get(Index|(Legacy)?Health|Readiness|OpenApi\w*|ProblemType|Docs\w*|Panel\w*)$/;
    expect(open.filter((name) => !service.test(name)).sort()).toEqual(special);
    expect(guarded.length).toBeGreaterThanOrEqual(6);
  });

  it.each(guarded)('$operationId documents its authentication methods', ({ waysIn }) => {
    expect(waysIn).toEqual(expect.arrayContaining(['basic', 'bearer', 'oauth2']));
  });

  describe.each(guarded)('$operationId', (operation) => {
    it.each(ways)('by $title', async ({ headers, refusal }) => {
      const gateway = await start();
      const credentials = await headers(gateway, operation);
      const before = gateway.emulator.calls.length;
      const response = await gateway.fetch(operation.path, {
        ...operation.init,
        headers: { ...operation.init.headers, ...credentials },
      });
      if (!refusal) {
        await response.arrayBuffer();
        expect(toSuccesses(operation)).toContain(response.status);
        return;
      }
      expect(response.status).toBe(refusal.status);
      expect(response.headers.get('WWW-Authenticate')).toMatch(refusal.challenge);
      expect(response.headers.get('Content-Type')).toBe('application/problem+json');
      expect(await response.json()).toMatchObject({ type: `/problems/${refusal.problem}` });
      expect(gateway.emulator.calls).toHaveLength(before);
    });

    it('names the missing scope of a token', async () => {
      const gateway = await start();
      const token = await issueToken(gateway, { scope: otherScopes(operation.scope) });
      const headers = { ...operation.init.headers, ...bearer(token) };
      const response = await gateway.fetch(operation.path, { ...operation.init, headers });
      expect(response.headers.get('WWW-Authenticate')).toContain(`scope="${operation.scope}"`);
    });

    it('rejects the token of an audio link in its query', async () => {
      const gateway = await start();
      const links = createAudioLinks({ sealer: agedSealer(0), gatewayCredentials: null });
      const audio = { sid: 'another', format: 'wav', sampleRate: 8000 } as const;
      const token = await links.create(await createOwner(owner), audio, now + 60);
      const url = `${operation.path}${operation.path.includes('?') ? '&' : '?'}token=${token}`;
      const response = await gateway.fetch(url, operation.init);
      expect(response.status).toBe(operation.waysIn.includes('audioLink') ? 403 : 401);
      expect(await response.text()).not.toContain(token);
      expect(gateway.emulator.calls).toHaveLength(0);
    });
  });
});

describe('a public operation', () => {
  it.each(operations.filter(({ scope, operationId }) => scope === null && !special.includes(operationId)))(
    '$operationId responds without credentials',
    async ({ operationId, path, init }) => {
      const gateway = await start();
      const response = await gateway.fetch(path, init);
      await response.arrayBuffer();
      expect(response.status).toBe(200);
      // The health check probes the legacy service.
      const calls = operationId === 'getLegacyHealth' ? 1 : 0;
      expect(gateway.emulator.calls).toHaveLength(calls);
    },
  );
});
