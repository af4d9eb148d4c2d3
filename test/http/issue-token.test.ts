/** Issuing tokens: the responses to OAuth clients, and the calls to the legacy service. */
import { describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { type GatewayOptions, startGateway } from '../support/harness.ts';
import { agedSealer, bearer, issueToken, requestToken, tokenEnv } from '../support/token-client.ts';

const env = tokenEnv;
const start = (options: GatewayOptions = {}) => startGateway({ env, ...options });
const good = { client_id: 'foofoofoo', client_secret: 'foobarfoo' };
const basicOf = (text: string) => ({ Authorization: `Basic ${btoa(text)}` });

describe('a token', () => {
  it.each([
    ['by Basic', {}, basicOf('foofoofoo:foobarfoo')],
    ['by the form', good, {}],
    ['by Basic as RFC 6749 encodes it', {}, basicOf('foofoofo%6F:foobarfoo')],
  ])('is issued to a client that authenticates %s', async (_, form, headers) => {
    const gateway = await start();
    const response = await requestToken(gateway, form, headers);
    expect(response.status).toBe(200);
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(response.headers.get('Pragma')).toBe('no-cache');
    const body = await response.json();
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'recordings:read',
    });
    const list = await gateway.fetch('/recordings?type=findme&id=1234', {
      headers: bearer(body.access_token),
    });
    expect([list.status, (await list.json()).recordings.length]).toEqual([200, 2]);
  });

  it.each([
    ['recordings:delete uploads:write', 'recordings:delete uploads:write'],
    ['recordings:read recordings:read', 'recordings:read'],
  ])('allows %s on request', async (asked, scope) => {
    const gateway = await start();
    expect(await (await requestToken(gateway, { scope: asked })).json()).toMatchObject({ scope });
  });

  it.each(['60', '86400'])('lives for %s seconds on request', async (expires_in) => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_790_000_000_000 });
    onTestFinished(() => void vi.useRealTimers());
    const gateway = await start();
    const response = await requestToken(gateway, { expires_in });
    const body = await response.json();
    expect(body.expires_in).toBe(Number(expires_in));
    const { expiresAt } = await agedSealer(0).open('access-token', body.access_token);
    expect(expiresAt).toBe(Date.now() / 1000 + Number(expires_in));
  });

  it('has no readable content', async () => {
    const token = await issueToken(await start());
    const segments = token.split('.').map((text) => atob(text.replaceAll('-', '+').replaceAll('_', '/')));
    expect(JSON.parse(segments[0] ?? '')).toEqual({ alg: 'dir', enc: 'A256GCM', kid: expect.any(String) });
    for (const word of ['foofoofoo', 'foobarfoo', 'recordings']) expect(segments.join()).not.toContain(word);
  });

  it('opens at another instance with the same keys, and after the first key was replaced', async () => {
    const token = await issueToken(await start());
    const rotated = { TOKEN_KEYS: `${btoa('another key, of thirty-two bytes')},${tokenEnv.TOKEN_KEYS}` };
    const other = await start({ env: rotated });
    const { status } = await other.fetch('/recordings?type=findme&id=1234', { headers: bearer(token) });
    expect(status).toBe(200);
    expect(await issueToken(other)).not.toContain(token.split('.')[0]);
  });

  it.each([
    ['without its key', { TOKEN_KEYS: btoa('another key, of thirty-two bytes') }],
    ['at another URL', { ...tokenEnv, PUBLIC_URL: 'https://other.example' }],
  ])('is rejected by a gateway %s', async (_, otherEnv) => {
    const token = await issueToken(await start());
    const other = await start({ env: otherEnv });
    const response = await other.fetch('/recordings?type=findme&id=1234', { headers: bearer(token) });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ type: '/problems/invalid-token' });
    expect(other.emulator.calls).toHaveLength(0);
  });

  it('costs one call, which changes nothing', async () => {
    const gateway = await start();
    await issueToken(gateway, { scope: 'recordings:delete' });
    expect(gateway.emulator.calls.map(({ action, account }) => [action, account])).toEqual([
      ['recording.download', 'page'],
    ]);
  });

  it('gets a 401 once the legacy service no longer knows its keys', async () => {
    const gateway = await start();
    const token = await issueToken(gateway);
    gateway.emulator.fault({ name: 'failed-200', times: 1 });
    const response = await gateway.fetch('/recordings?type=findme&id=1234', { headers: bearer(token) });
    expect(response.status).toBe(401);
    expect(response.headers.get('WWW-Authenticate')).toContain('error="invalid_token"');
  });
});

describe('an error', () => {
  const rows: [string, Record<string, string>, Record<string, string>, number, string][] = [
    ['no authentication', {}, {}, 401, 'invalid_client'],
    ['a missing secret', { client_id: 'foofoofoo' }, {}, 401, 'invalid_client'],
    ['wrong keys in the form', { ...good, client_secret: 'wrong' }, {}, 401, 'invalid_client'],
    ['wrong keys by Basic', {}, basicOf('foofoofoo:wrong'), 401, 'invalid_client'],
    ['another scheme', {}, { Authorization: 'Bearer abc' }, 401, 'invalid_client'],
    ['Basic without a colon', {}, basicOf('foofoofoo'), 401, 'invalid_client'],
    ['authentication in two ways', good, basicOf('foofoofoo:foobarfoo'), 400, 'invalid_request'],
    ['no grant type', { ...good, grant_type: '' }, {}, 400, 'invalid_request'],
    ['another grant', { ...good, grant_type: 'password' }, {}, 400, 'unsupported_grant_type'],
    ['an unknown scope', { ...good, scope: 'everything' }, {}, 400, 'invalid_scope'],
    ['a scope among unknown ones', { ...good, scope: 'recordings:read all' }, {}, 400, 'invalid_scope'],
    ['too short a lifetime', { ...good, expires_in: '59' }, {}, 400, 'invalid_request'],
    ['too long a lifetime', { ...good, expires_in: '86401' }, {}, 400, 'invalid_request'],
    ['a lifetime that is not a number', { ...good, expires_in: '1h' }, {}, 400, 'invalid_request'],
  ];
  test.each(rows)('of %s', async (title, form, headers, status, error) => {
    const gateway = await start();
    const response = await requestToken(gateway, form, headers);
    expect([response.status, await response.json()]).toEqual([
      status,
      { error, error_description: expect.stringMatching(/^[^"\\]{5,}$/) },
    ]);
    expect(response.headers.get('Content-Type')).toBe('application/json');
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    // Section 5.2: a client that used the header gets its challenge.
    const challenge = status === 401 ? 'Basic realm="recordings", charset="UTF-8"' : null;
    expect(response.headers.get('WWW-Authenticate')).toBe(challenge);
    expect(gateway.emulator.calls).toHaveLength(title.startsWith('wrong keys') ? 1 : 0);
  });

  it.each([
    ['JSON', { 'Content-Type': 'application/json' }, '{"grant_type":"client_credentials"}', 415],
    ['a body without a type', { 'Content-Type': '' }, 'grant_type=client_credentials', 415],
    ['a body that is too large', {}, `scope=${'x'.repeat(20_000)}`, 413],
  ])('of %s', async (_, headers, body, status) => {
    const gateway = await start();
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const init = { method: 'POST', headers: { ...form, ...headers }, body };
    const response = await gateway.fetch('/oauth/token', init);
    expect([response.status, (await response.json()).status]).toEqual([status, status]);
    expect(response.headers.get('Content-Type')).toBe('application/problem+json');
    expect(gateway.emulator.calls).toHaveLength(0);
  });

  it('of bytes that are not UTF-8', async () => {
    const gateway = await start();
    const form = 'grant_type=client_credentials&client_id=foo\xff&client_secret=bar';
    const init = {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: Uint8Array.from(form, (character) => character.charCodeAt(0)),
    };
    const response = await gateway.fetch('/oauth/token', init);
    expect([response.status, (await response.json()).error]).toEqual([400, 'invalid_request']);
    expect(gateway.emulator.calls).toHaveLength(0);
  });

  it('of keys in the query', async () => {
    const gateway = await start();
    const query = new URLSearchParams({ grant_type: 'client_credentials', ...good });
    const response = await gateway.fetch(`/oauth/token?${query}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    const text = await response.text();
    expect([response.status, JSON.parse(text).error]).toEqual([401, 'invalid_client']);
    expect(text).not.toContain('foofoofoo');
  });

  it('names the missing configuration', async () => {
    const gateway = await startGateway();
    const response = await requestToken(gateway);
    expect([response.status, await response.json()]).toEqual([
      501,
      expect.objectContaining({
        type: '/problems/tokens-not-configured',
        detail: expect.stringContaining('TOKEN_KEYS'),
      }),
    ]);
  });
});

describe('while the legacy service verifies keys', () => {
  const envelope = (description: string) =>
    `<response><result>failed</result><result_description>${description}</result_description></response>`;
  const xml = { 'Content-Type': 'text/xml' };
  const wave = new Uint8Array(44);
  wave.set(new TextEncoder().encode('RIFF\x24\0\0\0WAVEfmt '));

  const rows: [string, number, string | Uint8Array<ArrayBuffer>, number, string][] = [
    ['no such recording', 404, envelope('File not found'), 200, ''],
    ['a retrieval that fails', 404, envelope('Error in retrieving recording'), 200, ''],
    ['a retrieval that fails in a 200', 200, envelope('Error in retrieving recording.'), 200, ''],
    ['a processing recording', 202, envelope('… is currently being processed …'), 200, ''],
    ['audio', 200, wave, 200, ''],
    ['rejected keys', 401, envelope('Invalid api_key'), 401, 'invalid_client'],
    ['rejected keys in a 200', 200, envelope('Invalid api_key'), 401, 'invalid_client'],
    ['an invalid parameter', 400, envelope('Parameter sid is invalid'), 502, 'legacy-invalid-response'],
    ['another rejection', 403, envelope('Account suspended'), 502, 'legacy-invalid-response'],
    ['an outage', 503, '', 503, 'legacy-unavailable'],
    ['a rate limit', 429, '', 429, 'legacy-rate-limited'],
    ['a page of HTML', 200, '<html></html>', 502, 'legacy-invalid-response'],
    ['a failure of the legacy service', 500, envelope('Database down'), 502, 'legacy-failed'],
  ];
  test.each(rows)('%s (%i)', async (_, legacyStatus, body, status, problem) => {
    const legacy = () => new Response(body, { status: legacyStatus, headers: xml });
    const gateway = await start({ legacy });
    const response = await requestToken(gateway, good, {});
    expect(response.status).toBe(status);
    const answer = await response.json();
    expect(answer.error ?? answer.type?.replace('/problems/', '') ?? '').toBe(problem);
  });
});
