/** External JWTs: which are accepted, which are rejected, and how rarely the provider's keys are fetched. */
import { base64url, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createIdentityProvider, toScopes } from '../../../src/auth/identity-provider.ts';
import { createJwks } from '../../../src/auth/jwks.ts';

const start = 1_790_000_000;
const issuer = 'https://id.test';
const audience = 'https://gateway.test';
const gatewayCredentials = { accessKey: 'gateway-access', secretAccessKey: 'gateway-secret' };

async function generate(alg: string, kid: string) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}
type Key = Awaited<ReturnType<typeof generate>>;

const rs256 = await generate('RS256', 'first');
const es256 = await generate('ES256', 'second');
const ed25519 = await generate('EdDSA', 'third');
const next = await generate('ES256', 'next');

const claims = { iss: issuer, aud: audience, sub: 'ann', exp: start + 600, scope: 'openid recordings:read' };
const sign = (
  payload: JWTPayload,
  { key = rs256, typ = 'at+jwt' }: { key?: Key; typ?: string | null } = {},
) =>
  new SignJWT(payload)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, ...(typ !== null && { typ }) })
    .sign(key.privateKey);

/** A provider whose response and clock the test controls. */
function create(answer?: () => Response | Promise<Response>) {
  const published = [rs256.jwk, es256.jwk, ed25519.jwk];
  const setting = {
    time: start * 1000,
    fetches: 0,
    requests: [] as RequestInit[],
    published,
    answer: answer ?? (() => Response.json({ keys: published })),
  };
  const now = () => setting.time;
  const keys = createJwks({
    url: new URL('https://id.test/jwks'),
    timeout: 200,
    now,
    fetch: async (_, init) => {
      setting.fetches++;
      setting.requests.push(init);
      return setting.answer();
    },
  });
  const provider = createIdentityProvider({ issuer, audience, keys, gatewayCredentials, now });
  return { setting, provider };
}

const because = (reason: string) => ({ failure: { kind: 'invalid-token', reason } });
const invalid = because(expect.not.stringMatching(/^expired$/));
const unavailable = { failure: { kind: 'identity-provider-unavailable' } };

describe('a token of the identity provider', () => {
  it('acts on the gateway’s account, under its own name', async () => {
    expect(await create().provider.open(await sign({ ...claims, client_id: 'app' }))).toEqual({
      credentials: gatewayCredentials,
      narrowing: null,
      scopes: ['recordings:read'],
      bringsOwnKeys: false,
      authMethod: 'jwt',
      expiresAt: start + 600,
      names: [issuer, 'ann', 'app'],
    });
  });

  it.each([
    ['signed with ES256', claims, { key: es256 }],
    ['signed with EdDSA', claims, { key: ed25519 }],
    ['of type JWT', claims, { typ: 'JWT' }],
    ['of type application/at+jwt', claims, { typ: 'application/at+jwt' }],
    ['of no type', claims, { typ: null }],
    ['for several audiences', { ...claims, aud: ['x', audience] }, {}],
    ['29 s after its end', { ...claims, exp: start - 29 }, {}],
    ['29 s before its start', { ...claims, nbf: start + 29 }, {}],
  ])('is accepted %s', async (_, payload, options) => {
    expect(await create().provider.open(await sign(payload, options))).toMatchObject({ authMethod: 'jwt' });
  });

  it.each([
    ['for another audience', { ...claims, aud: 'https://other.test' }, {}, 'audience'],
    ['for no audience', { iss: issuer, exp: start + 600 }, {}, 'audience'],
    ['from another issuer', { ...claims, iss: `${issuer}/` }, {}, 'issuer'],
    ['from no issuer', { aud: audience, exp: start + 600 }, {}, 'issuer'],
    ['without an end', { iss: issuer, aud: audience }, {}, 'claims'],
    ['with an end that is not a number', { ...claims, exp: '2099-01-01' as unknown as number }, {}, 'claims'],
    ['31 s before its start', { ...claims, nbf: start + 31 }, {}, 'not-yet-valid'],
    ['of another type', claims, { typ: 'logout+jwt' }, 'type'],
    ['signed with another key under a known kid', claims, { key: { ...next, kid: 'second' } }, 'signature'],
    [
      'signed with another algorithm than its key’s',
      claims,
      { key: { ...es256, kid: 'first' } },
      'unknown-key',
    ],
  ])('is rejected %s', async (_, payload, options, reason) => {
    const opened = create().provider.open(await sign(payload, options));
    await expect(opened).rejects.toMatchObject(because(reason));
  });

  it('logs the reason for the operator without any of its claims', async () => {
    const { provider } = create();
    const error = await provider.open(await sign({ ...claims, aud: 'x' })).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ cause: 'unexpected "aud" claim value' });
  });

  it('is reported as expired after the tolerance', async () => {
    const token = await sign({ ...claims, exp: start - 31 });
    await expect(create().provider.open(token)).rejects.toMatchObject({
      failure: { kind: 'invalid-token', reason: 'expired' },
    });
  });

  it('is rejected after any change of one bit', async () => {
    const { provider } = create();
    const bytes = new TextEncoder().encode(await sign(claims, { key: es256 }));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const text = new TextDecoder('latin1').decode(changed);
      await expect(provider.open(text), `bit ${bit}`).rejects.toMatchObject(invalid);
    }
  });
});

describe('a forged token is rejected without a fetch of the keys:', () => {
  const encode = (value: unknown) =>
    btoa(JSON.stringify(value)).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_');

  it.each(['none', 'None', 'NONE', ''])('alg %j', async (alg) => {
    const { provider, setting } = create();
    for (const signature of ['', 'AAAA']) {
      const token = `${encode({ alg, kid: 'first' })}.${encode(claims)}.${signature}`;
      const reason = expect.stringMatching(/^(?:algorithm|malformed)$/);
      await expect(provider.open(token)).rejects.toMatchObject(because(reason));
    }
    expect(setting.fetches).toBe(0);
  });

  it('HS256 signed with the public key', async () => {
    const { provider, setting } = create();
    const secret = new TextEncoder().encode(JSON.stringify(rs256.jwk));
    const token = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(secret);
    await expect(provider.open(token)).rejects.toMatchObject(because('algorithm'));
    expect(setting.fetches).toBe(0);
  });

  it('with its own key in its header', async () => {
    const { provider } = create();
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', jwk: next.jwk, jku: 'https://evil.test/jwks' })
      .sign(next.privateKey);
    await expect(provider.open(token)).rejects.toMatchObject(invalid);
  });

  it.each([
    ['of an unknown name', { crit: ['exp'], exp: start + 600 }],
    ['that leaves its payload unencoded', { crit: ['b64'], b64: false }],
  ])('with an extension %s, despite a valid signature', async (_, extension) => {
    const { provider } = create();
    expect(await provider.open(await signWith({}))).toMatchObject({ authMethod: 'jwt' });
    await expect(provider.open(await signWith(extension))).rejects.toMatchObject(invalid);
  });

  /** By hand, since jose does not sign such tokens. */
  async function signWith(extension: object): Promise<string> {
    const header = encode({ alg: 'ES256', kid: 'second', ...extension });
    const payload = 'b64' in extension ? JSON.stringify(claims) : encode(claims);
    const signed = new TextEncoder().encode(`${header}.${payload}`);
    const bytes = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, es256.privateKey, signed);
    return `${header}.${encode(claims)}.${base64url.encode(new Uint8Array(bytes))}`;
  }

  it('of 100 KB', async () => {
    const { provider, setting } = create();
    await expect(provider.open(await sign({ ...claims, pad: 'x'.repeat(100_000) }))).rejects.toMatchObject(
      invalid,
    );
    expect(setting.fetches).toBe(0);
  });
});

describe('scopes come from', () => {
  it.each([
    ['scope', { scope: 'recordings:read openid uploads:write' }, ['recordings:read', 'uploads:write']],
    ['scp as text', { scp: 'recordings:delete' }, ['recordings:delete']],
    ['scp as a list', { scp: ['recordings:delete', 'other'] }, ['recordings:delete']],
    ['permissions', { permissions: ['uploads:write'] }, ['uploads:write']],
    [
      'permissions, when scope names none of ours',
      { scope: 'openid', permissions: ['uploads:write'] },
      ['uploads:write'],
    ],
    [
      'scope, even if permissions name more',
      { scope: 'recordings:read', permissions: ['recordings:delete'] },
      ['recordings:read'],
    ],
    ['nowhere', {}, []],
    [
      'no text that only resembles a scope',
      { scope: 'RECORDINGS:READ recordings:*', scp: { 0: 'uploads:write' } },
      [],
    ],
  ])('%s', (_, payload, scopes) => {
    expect(toScopes(payload)).toEqual(scopes);
  });
});

describe('the provider’s keys', () => {
  it('are fetched once, without following redirects', async () => {
    const { provider, setting } = create();
    await provider.open(await sign(claims));
    await provider.open(await sign(claims, { key: es256 }));
    expect(setting.fetches).toBe(1);
    expect(setting.requests[0]).toMatchObject({ redirect: 'manual' });
  });

  it('are fetched once for concurrent requests', async () => {
    const { provider, setting } = create();
    const tokens = await Promise.all(Array.from({ length: 50 }, () => sign(claims, { key: ed25519 })));
    expect(await Promise.all(tokens.map(provider.open))).toHaveLength(50);
    expect(setting.fetches).toBe(1);
  });

  it('are fetched again for an unknown kid, at most once a minute', async () => {
    const { provider, setting } = create();
    const token = await sign(claims, { key: next });
    await expect(provider.open(token)).rejects.toMatchObject(because('unknown-key'));
    setting.time += 59_999;
    await expect(provider.open(token)).rejects.toMatchObject(invalid);
    expect(setting.fetches).toBe(1);
    setting.time += 1;
    await Promise.all(
      Array.from({ length: 50 }, () => expect(provider.open(token)).rejects.toMatchObject(invalid)),
    );
    expect(setting.fetches).toBe(2);
    setting.published.push(next.jwk);
    setting.time += 60_000;
    const opened = await Promise.all(Array.from({ length: 50 }, () => provider.open(token)));
    expect(opened).toHaveLength(50);
    expect(setting.fetches).toBe(3);
  });

  it('are refreshed after ten minutes, so that a withdrawn key is rejected', async () => {
    const { provider, setting } = create();
    const token = await sign({ ...claims, exp: start + 3600 });
    await provider.open(token);
    setting.published.shift();
    setting.time += 599_999;
    await provider.open(token);
    setting.time += 1;
    await expect(provider.open(token)).rejects.toMatchObject(invalid);
    expect(setting.fetches).toBe(2);
  });

  it.each<[string, () => Response | Promise<Response>]>([
    ['refuses connections', () => Promise.reject(new TypeError('fetch failed'))],
    ['never responds', () => new Promise<Response>(() => undefined)],
    [
      'stalls in the middle',
      () => new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array([123])) })),
    ],
    ['fails', () => new Response('{"keys":[]}', { status: 500 })],
    ['redirects', () => new Response(null, { status: 302, headers: { location: 'https://evil.test/jwks' } })],
    ['responds with a page', () => new Response('<html>')],
    ['responds with other JSON', () => Response.json({ keys: 'none' })],
    ['responds with 300 KB', () => Response.json({ keys: [rs256.jwk], padding: 'x'.repeat(300_000) })],
    ['responds with an empty body', () => new Response(null, { status: 204 })],
    [
      'responds without end',
      () => new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(65_536)) })),
    ],
  ])(
    'are unavailable while the provider %s, which is not reported as an invalid token',
    async (_, answer) => {
      const { provider, setting } = create(answer);
      const token = await sign(claims);
      await expect(provider.open(token)).rejects.toMatchObject(unavailable);
      await expect(provider.open(token)).rejects.toMatchObject(unavailable);
      expect(setting.fetches).toBe(1);
      setting.answer = () => Response.json({ keys: setting.published });
      setting.time += 5_000;
      expect(await provider.open(token)).toMatchObject({ authMethod: 'jwt' });
    },
  );

  it('stay valid for an hour while the provider is down, with a fetch every five seconds at most', async () => {
    const { provider, setting } = create();
    const token = await sign({ ...claims, exp: start + 86_400 });
    await provider.open(token);
    setting.answer = () => new Response(null, { status: 503 });
    setting.time += 3_599_999;
    await provider.open(token);
    await provider.open(token);
    expect(setting.fetches).toBe(2);
    await expect(provider.open(await sign(claims, { key: next }))).rejects.toMatchObject(unavailable);
    setting.time += 1;
    await expect(provider.open(token)).rejects.toMatchObject(unavailable);
  });

  it('leave an unknown kid undecided while the provider is down', async () => {
    const { provider, setting } = create();
    await provider.open(await sign(claims));
    setting.answer = () => new Response(null, { status: 503 });
    setting.time += 60_000;
    const token = await sign(claims, { key: next });
    await expect(provider.open(token)).rejects.toMatchObject(unavailable);
    await expect(provider.open(token)).rejects.toMatchObject(unavailable);
    expect(setting.fetches).toBe(2);
    expect(await provider.open(await sign(claims))).toMatchObject({ authMethod: 'jwt' });
  });
});
