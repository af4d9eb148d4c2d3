/**
 * The accounts that a deployment serves: ALLOWED_ACCOUNTS and BASIC_AUTH, for every authentication method, without a
 * legacy call.
 */
import { describe, expect, it } from 'vitest';
import { basic, startGateway, type TestGateway } from '../support/harness.ts';
import { createJwtIssuer } from '../support/jwt-issuer.ts';
import { guarded } from '../support/operations.ts';
import { bearer, issueToken, requestToken, tokenEnv } from '../support/token-client.ts';

const issuer = await createJwtIssuer();
const list = '/recordings?type=findme&id=1234';
const audio = '/recordings/0907065723240097/audio';

/** SHA-256 of `foofoofoo`, the access key of the account `page`. */
const digest = await sha256Hex('foofoofoo');

async function sha256Hex(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const start = (env: Record<string, string>) =>
  startGateway({ env: { ...tokenEnv, ...env }, fetch: issuer.fetch });

async function createLink(gateway: TestGateway, headers: Record<string, string>): Promise<string> {
  const init = { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body: '{}' };
  const { url } = await (await gateway.fetch(`${audio}-links`, init)).json();
  const { pathname, search } = new URL(url, 'https://gateway.example');
  return pathname + search;
}

async function status(gateway: TestGateway, path: string, headers: Record<string, string> = {}) {
  const response = await gateway.fetch(path, { headers });
  const body = await response.text();
  const type = response.ok ? null : JSON.parse(body).type.replace('/problems/', '');
  return [response.status, type];
}

describe('ALLOWED_ACCOUNTS', () => {
  it.each([
    ['an access key', 'foofoofoo'],
    ['a digest', `sha256:${digest}`],
    ['a digest in capitals among others', `other, sha256:${digest.toUpperCase()},more`],
  ])(
    'serves the account that it names by %s, with every authentication method',
    async (_, ALLOWED_ACCOUNTS) => {
      const gateway = await start({ ...issuer.env, ALLOWED_ACCOUNTS });
      expect(await status(gateway, list, basic(gateway.emulator))).toEqual([200, null]);
      expect(await status(gateway, list, bearer(await issueToken(gateway)))).toEqual([200, null]);
      expect(await status(gateway, list, bearer(await issuer.sign({ scope: 'recordings:read' })))).toEqual([
        200,
        null,
      ]);
      expect(await status(gateway, await createLink(gateway, basic(gateway.emulator)))).toEqual([200, null]);
    },
  );

  it.each(guarded)(
    'rejects other accounts at $operationId, with every authentication method',
    async ({ path, init, scope }) => {
      const open = await start({});
      const token = await issueToken(open, { scope });
      const gateway = await start({ ALLOWED_ACCOUNTS: 'other' });
      for (const credentials of [basic(gateway.emulator), bearer(token)]) {
        const headers = { ...init.headers, ...credentials };
        const response = await gateway.fetch(path, { ...init, headers });
        expect(response.status).toBe(403);
        expect(response.headers.get('WWW-Authenticate')).toBeNull();
        const text = await response.text();
        expect(JSON.parse(text)).toMatchObject({ type: '/problems/account-not-allowed' });
        expect(text).not.toContain('foofoofoo');
      }
      expect(gateway.emulator.calls).toHaveLength(0);
    },
  );

  it('rejects a link that was created before the account was removed', async () => {
    const open = await start({});
    const link = await createLink(open, basic(open.emulator));
    const gateway = await start({ ALLOWED_ACCOUNTS: 'other' });
    expect(await status(gateway, link)).toEqual([403, 'account-not-allowed']);
    expect(gateway.emulator.calls).toHaveLength(0);
  });

  it("rejects the gateway's own account, if only a digest could name it", async () => {
    const gateway = await start({ ...issuer.env, ALLOWED_ACCOUNTS: `sha256:${'0'.repeat(64)}` });
    const headers = bearer(await issuer.sign({ scope: 'recordings:read' }));
    expect(await status(gateway, list, headers)).toEqual([403, 'account-not-allowed']);
    expect(gateway.emulator.calls).toHaveLength(0);
  });

  it.each([
    ['by Basic', {}, null],
    ['by the form', { client_id: 'foofoofoo', client_secret: 'foobarfoo' }, {}],
    ['with wrong keys', { client_id: 'foofoofoo', client_secret: 'wrong' }, {}],
  ])('issues no token to another account %s', async (_, form, headers) => {
    const gateway = await start({ ALLOWED_ACCOUNTS: 'foofoofo,foofoofoo2,FOOFOOFOO' });
    const response = await requestToken(gateway, form, headers ?? basic(gateway.emulator));
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: 'unauthorized_client', error_description: expect.not.stringContaining('foofoofoo') },
    ]);
    expect(gateway.emulator.calls).toHaveLength(0);
  });
});

describe('BASIC_AUTH=off', () => {
  const off = { ...issuer.env, BASIC_AUTH: 'off' };

  it.each(guarded)(
    'rejects account keys at $operationId, by Basic and in tokens',
    async ({ path, init, scope }) => {
      const open = await start({});
      const token = await issueToken(open, { scope });
      const gateway = await start(off);
      for (const credentials of [basic(gateway.emulator), bearer(token)]) {
        const headers = { ...init.headers, ...credentials };
        const response = await gateway.fetch(path, { ...init, headers });
        expect([response.status, (await response.json()).type]).toEqual([
          401,
          '/problems/credentials-rejected',
        ]);
        expect(response.headers.get('WWW-Authenticate')).toBe('Bearer realm="recordings"');
      }
      expect(gateway.emulator.calls).toHaveLength(0);
    },
  );

  it('challenges a request without credentials for a token, and not for keys', async () => {
    const gateway = await start(off);
    const response = await gateway.fetch(list);
    expect([response.status, response.headers.get('WWW-Authenticate')]).toEqual([
      401,
      'Bearer realm="recordings"',
    ]);
  });

  it('serves JWTs, and links created with them', async () => {
    const gateway = await start(off);
    const headers = bearer(await issuer.sign({ scope: 'recordings:read' }));
    expect(await status(gateway, list, headers)).toEqual([200, null]);
    expect(await status(gateway, await createLink(gateway, headers))).toEqual([200, null]);
  });

  it('opens no link that holds keys', async () => {
    const open = await start({});
    const link = await createLink(open, basic(open.emulator));
    const gateway = await start(off);
    expect(await status(gateway, link)).toEqual([403, 'invalid-link']);
    expect(gateway.emulator.calls).toHaveLength(0);
  });

  it('issues no token', async () => {
    const gateway = await start(off);
    const response = await requestToken(gateway);
    expect([response.status, await response.json()]).toEqual([
      501,
      expect.objectContaining({
        type: '/problems/tokens-not-configured',
        detail: expect.stringContaining('BASIC_AUTH=off'),
      }),
    ]);
    expect(gateway.emulator.calls).toHaveLength(0);
  });
});
