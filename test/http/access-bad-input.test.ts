/** Invalid credentials: each is rejected with a reason, without a legacy call. */
import { SignJWT } from 'jose';
import { describe, expect, it, test } from 'vitest';
import { createSealer } from '../../src/auth/seal.ts';
import { createAccessTokens } from '../../src/auth/tokens.ts';
import { basic, startGateway, type TestGateway } from '../support/harness.ts';
import { createJwtIssuer } from '../support/jwt-issuer.ts';
import { bearer, createLink, issueToken, tokenEnv } from '../support/token-client.ts';

const issuer = await createJwtIssuer();
const start = () => startGateway({ env: { ...issuer.env, ...tokenEnv }, fetch: issuer.fetch });
const target = '/recordings?type=findme&id=1234';

const basicOf = (text: string) => `Basic ${btoa(text)}`;
const base64url = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, '');

type Credentials = string | ((gateway: TestGateway) => Promise<string> | string);

async function sealedWith(key: number, issuerName: string): Promise<string> {
  const sealer = createSealer({
    keys: [new Uint8Array(32).fill(key)],
    issuer: issuerName,
    audience: issuerName,
  });
  const credentials = { accessKey: 'foofoofoo', secretAccessKey: 'foobarfoo' };
  return createAccessTokens({ sealer }).issue({ credentials, scopes: ['recordings:read'], expiresIn: 60 });
}

function altered(part: number): Credentials {
  return async (gateway) => {
    const parts = (await issueToken(gateway)).split('.');
    // The encrypted key of a token is empty, so the change adds to it.
    const text = parts[part] ?? '';
    parts[part] = text === '' ? 'AAAA' : (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
    return `Bearer ${parts.join('.')}`;
  };
}

/** A JWT with a header and signature of the test's own. */
async function forged(header: Record<string, unknown>, signature = ''): Promise<string> {
  const [, payload] = (await issuer.sign()).split('.');
  return `Bearer ${base64url(header)}.${payload}.${signature}`;
}

const rows: [string, Credentials, number, string][] = [
  ['Basic without a colon', basicOf('foofoofoo'), 401, 'credentials-rejected'],
  ['Basic with bytes that are not UTF-8', basicOf('foo\xff:bar'), 401, 'credentials-rejected'],
  ['Basic without a user', basicOf(':foobarfoo'), 401, 'credentials-rejected'],
  ['Basic without a password', basicOf('foofoofoo:'), 401, 'credentials-rejected'],
  ['Basic with a colon and nothing else', basicOf(':'), 401, 'credentials-rejected'],
  ['Basic with nothing', 'Basic', 401, 'credentials-rejected'],
  ['Basic with invalid base64', 'Basic foo:bar', 401, 'credentials-rejected'],
  ['Basic with a control character', basicOf('foo\0:bar'), 401, 'credentials-rejected'],
  ['Basic of 8 KB', basicOf(`${'x'.repeat(6000)}:y`), 401, 'credentials-rejected'],
  ['Bearer with nothing', 'Bearer', 401, 'credentials-rejected'],
  ['Bearer with text', 'Bearer abc', 401, 'invalid-token'],
  ['Bearer with a space in it', 'Bearer one-canary two-canary', 401, 'credentials-rejected'],
  ['another scheme', 'Digest username="foofoofoo"', 401, 'credentials-rejected'],
  [
    'a truncated token',
    async (gateway) => bearer(await issueToken(gateway)).Authorization.slice(0, -1),
    401,
    'invalid-token',
  ],
  ...[0, 1, 2, 3, 4].map((part): [string, Credentials, number, string] => [
    `a token altered in part ${part + 1}`,
    altered(part),
    401,
    'invalid-token',
  ]),
  [
    'a token of an unknown key',
    async () => `Bearer ${await sealedWith(9, 'recordings-gateway')}`,
    401,
    'invalid-token',
  ],
  [
    'a token of another gateway',
    async () => `Bearer ${await sealedWith(7, 'https://other.example')}`,
    401,
    'invalid-token',
  ],
  ['a JWT of alg none', () => forged({ alg: 'none' }), 401, 'invalid-token'],
  [
    'a JWT of alg none with a signature',
    () => forged({ alg: 'none', kid: 'signing' }, 'AAAA'),
    401,
    'invalid-token',
  ],
  [
    'a JWT signed by HS256 with the public key',
    async () => {
      const secret = new TextEncoder().encode(JSON.stringify(issuer.publicKey));
      const { JWT_ISSUER = '', JWT_AUDIENCE = '' } = issuer.env;
      const token = new SignJWT({ scope: 'recordings:read' })
        .setProtectedHeader({ alg: 'HS256', kid: 'signing' })
        .setIssuer(JWT_ISSUER)
        .setAudience(JWT_AUDIENCE)
        .setExpirationTime('5m');
      return `Bearer ${await token.sign(secret)}`;
    },
    401,
    'invalid-token',
  ],
  [
    'a JWT for another audience',
    async () => `Bearer ${await issuer.sign({ aud: 'https://x.example' })}`,
    401,
    'invalid-token',
  ],
  [
    'a JWT that is not valid yet',
    async () => `Bearer ${await issuer.sign({ nbf: Date.now() / 1000 + 120 })}`,
    401,
    'invalid-token',
  ],
  ['two credentials in one header', `${basicOf('foofoofoo:foobarfoo')}, Bearer abc`, 400, 'invalid-request'],
];

describe('rejected without a legacy call:', () => {
  test.each(rows)('%s', async (_, credentials, status, problem) => {
    const gateway = await start();
    const value = typeof credentials === 'string' ? credentials : await credentials(gateway);
    const before = gateway.emulator.calls.length;
    const response = await gateway.fetch(target, { headers: { Authorization: value } });
    const text = await response.text();
    expect([response.status, JSON.parse(text).type]).toEqual([status, `/problems/${problem}`]);
    expect(response.headers.get('WWW-Authenticate')).toMatch(/^(Basic|Bearer) realm="recordings"/);
    // The response must not repeat the credentials.
    expect(text).not.toContain(value.split(' ').at(-1));
    expect(gateway.emulator.calls).toHaveLength(before);
  });

  it('Basic of 100 KB', async () => {
    const gateway = await start();
    const headers = { Authorization: basicOf(`${'x'.repeat(75_000)}:y`) };
    const response = await gateway.fetch(target, { headers });
    // Node's own limit on headers applies first.
    expect([401, 431]).toContain(response.status);
    expect(gateway.emulator.calls).toHaveLength(0);
  });

  it.each(['access_key', 'secret_access_key', 'access_token', 'token', 'api_key', 'Authorization'])(
    '%s in the query, without its value in the response',
    async (name) => {
      const gateway = await start();
      const url = `${target}&${name}=canary`;
      const withKeys = await gateway.fetch(url, { headers: basic(gateway.emulator) });
      const without = await gateway.fetch(url);
      expect([withKeys.status, without.status]).toEqual([400, 401]);
      expect((await withKeys.text()) + (await without.text())).not.toContain('canary');
      expect(gateway.emulator.calls).toHaveLength(0);
    },
  );
});

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Every text that differs in one bit: of a character's code, or of the six bits that it encodes. */
function withOneBitChanged(text: string): string[] {
  return [...text].flatMap((character, at) => {
    const codes = [0, 1, 2, 3, 4, 5, 6].map((bit) =>
      String.fromCharCode(character.charCodeAt(0) ^ (1 << bit)),
    );
    const value = alphabet.indexOf(character);
    const values = value < 0 ? [] : [0, 1, 2, 3, 4, 5].map((bit) => alphabet[value ^ (1 << bit)] ?? '');
    // Text that HTTP headers cannot contain never reaches the gateway.
    const changed = new Set([...codes, ...values].filter((other) => /^[!-~]$/.test(other)));
    return Array.from(changed, (other) => text.slice(0, at) + other + text.slice(at + 1));
  });
}

async function toStatuses(texts: readonly string[], ask: (text: string) => Promise<Response>) {
  const statuses = new Set<number>();
  for (let at = 0; at < texts.length; at += 50) {
    const answers = await Promise.all(texts.slice(at, at + 50).map(ask));
    for (const answer of answers) {
      statuses.add(answer.status);
      await answer.arrayBuffer();
    }
  }
  return [...statuses].sort();
}

describe('every change of one bit is rejected', { timeout: 60_000 }, () => {
  it('in a token', async () => {
    const gateway = await start();
    const token = await issueToken(gateway);
    const changed = withOneBitChanged(token);
    expect(changed.length).toBeGreaterThan(token.length * 8);
    const ask = (text: string) => gateway.fetch(target, { headers: bearer(text) });
    const before = gateway.emulator.calls.length;
    expect(await toStatuses(changed, ask)).toEqual([401]);
    expect(gateway.emulator.calls).toHaveLength(before);
    expect((await ask(token)).status).toBe(200);
  });

  it('in a link', async () => {
    const gateway = await start();
    const link = await createLink(gateway);
    const before = gateway.emulator.calls.length;
    const [url = '', token = ''] = link.split('token=');
    const changed = withOneBitChanged(token);
    const ask = (text: string) => gateway.fetch(`${url}token=${encodeURIComponent(text)}`);
    expect(await toStatuses(changed, ask)).toEqual([403]);
    expect(gateway.emulator.calls).toHaveLength(before);
    const good = await ask(token);
    await good.arrayBuffer();
    expect(good.status).toBe(200);
  });
});
