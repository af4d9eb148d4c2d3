/** Audio links: how they are created, which requests they allow, and which not. */
import { describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { createOwner } from '../../src/auth/caller.ts';
import { createAudioLinks } from '../../src/auth/links.ts';
import { basic, type GatewayOptions, startGateway, type TestGateway } from '../support/harness.ts';
import { createJwtIssuer } from '../support/jwt-issuer.ts';
import { agedSealer, bearer, createLink, issueToken, tokenEnv } from '../support/token-client.ts';

const sid = '0907065723240097';
const path = `/recordings/${sid}/audio-links`;
const start = (options: GatewayOptions = {}) => startGateway({ env: tokenEnv, ...options });

async function post(gateway: TestGateway, body?: unknown, headers?: Record<string, string>) {
  const json: Record<string, string> = body === undefined ? {} : { 'Content-Type': 'application/json' };
  return gateway.fetch(path, {
    method: 'POST',
    headers: { ...(headers ?? basic(gateway.emulator)), ...json },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

const secondsUntil = (time: string) => Math.round((Date.parse(time) - Date.now()) / 1000);

describe('creating a link', () => {
  it.each([
    ['without a body', undefined, 'wav', '8000', 900],
    ['with an empty one', {}, 'wav', '8000', 900],
    ['for a format', { format: 'mp3' }, 'mp3', '8000', 900],
    ["for a format in the vendor's spelling", { format: '.MP3' }, 'mp3', '8000', 900],
    ['for a rate and a lifetime', { sample_rate: 22_050, expires_in: 30 }, 'wav', '22050', 30],
    ['for a day', { expires_in: 86_400 }, 'wav', '8000', 86_400],
    ['for an hour of audio', { duration_seconds: 3600 }, 'wav', '8000', 8100],
    ['for audio of no length', { duration_seconds: 0 }, 'wav', '8000', 900],
    ['for audio of a day', { duration_seconds: 86_400 }, 'wav', '8000', 86_400],
    ['for a lifetime beside a length', { duration_seconds: 3600, expires_in: 30 }, 'wav', '8000', 30],
  ])('%s', async (_, body, format, rate, lifetime) => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_790_000_000_000 });
    onTestFinished(() => void vi.useRealTimers());
    const gateway = await start();
    const response = await post(gateway, body);
    expect(response.status).toBe(201);
    expect(response.headers.get('Cache-Control')).toBe('private, no-store');
    const link = await response.json();
    expect(Object.keys(link)).toEqual(['url', 'expires_at']);
    const url = new URL(link.url, 'https://gateway.example');
    expect(url.pathname).toBe(`/recordings/${sid}/audio`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      format,
      sample_rate: rate,
      token: expect.stringMatching(/^[\w.-]+$/),
    });
    expect(secondsUntil(link.expires_at)).toBe(lifetime);
    // One call, which verifies the keys.
    expect(gateway.emulator.calls).toHaveLength(1);
  });

  it('uses PUBLIC_URL if it is set', async () => {
    const gateway = await start({ env: { ...tokenEnv, PUBLIC_URL: 'https://public.example/' } });
    expect((await (await post(gateway)).json()).url).toMatch(/^https:\/\/public\.example\/recordings\//);
  });

  it('never creates one that outlives the token of its request', async () => {
    const gateway = await start();
    const headers = bearer(await issueToken(gateway, { expires_in: '60' }));
    const link = await (await post(gateway, { expires_in: 3600 }, headers)).json();
    expect(secondsUntil(link.expires_at)).toBeLessThanOrEqual(60);
  });

  it.each([
    ['another format', { format: 'ogg' }, '/format'],
    ['a format that is not a text', { format: 1 }, '/format'],
    ['a rate as text', { sample_rate: '8000' }, '/sample_rate'],
    ['a rate out of bounds', { sample_rate: 1 }, '/sample_rate'],
    ['too short a lifetime', { expires_in: 29 }, '/expires_in'],
    ['too long a lifetime', { expires_in: 86_401 }, '/expires_in'],
    ['a negative length', { duration_seconds: -1 }, '/duration_seconds'],
    ['a length with a fraction', { duration_seconds: 1.5 }, '/duration_seconds'],
    ['a length of null', { duration_seconds: null }, '/duration_seconds'],
    ['a length as text', { duration_seconds: '65' }, '/duration_seconds'],
    ['an unknown member', { sid: '1' }, '/sid'],
  ])('rejects %s', async (_, body, pointer) => {
    const response = await post(await start(), body);
    expect([response.status, (await response.json()).errors?.[0].pointer]).toEqual([400, pointer]);
  });

  it('rejects a body of another type', async () => {
    const gateway = await start();
    const headers = { ...basic(gateway.emulator), 'Content-Type': 'text/plain' };
    const response = await gateway.fetch(path, { method: 'POST', headers, body: '{}' });
    expect(response.status).toBe(415);
  });

  it('names the missing configuration', async () => {
    const response = await post(await startGateway());
    expect([response.status, (await response.json()).type]).toEqual([501, '/problems/tokens-not-configured']);
  });
});

describe('a link', () => {
  it.each(['wav', 'mp3'] as const)('plays %s without a header', async (format) => {
    const gateway = await start();
    const link = await createLink(gateway, { format });
    // Like <audio src>.
    const response = await gateway.fetch(link, { headers: { Accept: '*/*' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe(format === 'wav' ? 'audio/wav' : 'audio/mpeg');
    expect(response.headers.get('Referrer-Policy')).toBe('no-referrer');
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(1000);
    expect(gateway.emulator.calls.map(({ account }) => account)).toEqual(['page', 'page']);
  });

  it('supports HEAD and ranges', async () => {
    const gateway = await start();
    const link = await createLink(gateway);
    const head = await gateway.fetch(link, { method: 'HEAD' });
    expect([head.status, head.headers.get('Content-Type'), await head.text()]).toEqual([
      200,
      'audio/wav',
      '',
    ]);
    const part = await gateway.fetch(link, { headers: { Range: 'bytes=0-3' } });
    expect([part.status, await part.text()]).toEqual([206, 'RIFF']);
    expect(part.headers.get('Content-Range')).toMatch(/^bytes 0-3\/\d+$/);
  });

  it("created with a JWT plays with the gateway's own keys, and carries none", async () => {
    const issuer = await createJwtIssuer();
    const gateway = await start({ env: { ...tokenEnv, ...issuer.env }, fetch: issuer.fetch });
    const link = await (await post(gateway, {}, bearer(await issuer.sign()))).json();
    const { pathname, search, searchParams } = new URL(link.url, 'https://gateway.example');
    const { payload } = await agedSealer(0).open('audio-link', searchParams.get('token') ?? '');
    expect(payload).toEqual([sid, 'wav', 8000, null]);
    const response = await gateway.fetch(pathname + search);
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  });

  const refusals: [string, (link: string) => string, number, string][] = [
    ['another sid', (link) => link.replace(sid, '0932654521723728'), 403, 'invalid-link'],
    ['another format', (link) => link.replace('format=wav', 'format=mp3'), 403, 'invalid-link'],
    ['no format', (link) => link.replace('format=wav&', ''), 403, 'invalid-link'],
    ['another rate', (link) => link.replace('8000', '44100'), 403, 'invalid-link'],
    ['an invalid rate', (link) => link.replace('8000', 'fast'), 403, 'invalid-link'],
    ['an empty token', (link) => link.replace(/token=.*/, 'token='), 403, 'invalid-link'],
    ['a cut token', (link) => link.slice(0, -1), 403, 'invalid-link'],
    ['a second token', (link) => `${link}&token=abc`, 400, 'invalid-request'],
    ['a second format', (link) => `${link}&format=mp3`, 400, 'invalid-request'],
    ['an access key beside it', (link) => `${link}&access_key=canary`, 400, 'invalid-request'],
  ];
  test.each(refusals)('is rejected with %s', async (_, change, status, problem) => {
    const gateway = await start();
    const link = change(await createLink(gateway));
    const response = await gateway.fetch(link);
    const text = await response.text();
    expect([response.status, JSON.parse(text).type]).toEqual([status, `/problems/${problem}`]);
    // A browser would prompt the listener for a password.
    expect(response.headers.get('WWW-Authenticate') ?? '').not.toContain('Basic');
    expect(text).not.toContain('canary');
    expect(text).not.toContain(/token=([^&]{10,})/.exec(link)?.[1] ?? 'token=');
    // Creating the link cost one call.
    expect(gateway.emulator.calls).toHaveLength(1);
  });

  it('is rejected beside other credentials', async () => {
    const gateway = await start();
    const link = await createLink(gateway);
    const response = await gateway.fetch(link, { headers: basic(gateway.emulator) });
    expect([response.status, (await response.json()).type]).toEqual([400, '/problems/invalid-request']);
  });

  it.each(['POST', 'PUT', 'DELETE'])('is rejected for %s', async (method) => {
    const gateway = await start();
    const response = await gateway.fetch(await createLink(gateway), { method });
    expect(response.status).toBe(405);
    // Creating the link cost one call.
    expect(gateway.emulator.calls).toHaveLength(1);
  });

  it('neither deletes its recording nor opens a list', async () => {
    const gateway = await start();
    const { search } = new URL(await createLink(gateway), 'https://x.example');
    const token = new URLSearchParams(search).get('token');
    const removal = await gateway.fetch(`/recordings/${sid}?token=${token}`, { method: 'DELETE' });
    const list = await gateway.fetch(`/recordings?type=findme&id=1234&token=${token}`);
    expect([removal.status, list.status]).toEqual([401, 401]);
    // Creating the link cost one call.
    expect(gateway.emulator.calls).toHaveLength(1);
  });

  it('is rejected after it expires', async () => {
    const gateway = await start();
    const links = createAudioLinks({ sealer: agedSealer(0), gatewayCredentials: null });
    const caller = await createOwner({ accessKey: 'foofoofoo', secretAccessKey: 'foobarfoo' });
    const audio = { sid, format: 'wav', sampleRate: 8000 } as const;
    const token = await links.create(caller, audio, Math.floor(Date.now() / 1000) - 1);
    const response = await gateway.fetch(`/recordings/${sid}/audio?format=wav&token=${token}`);
    expect([response.status, await response.json()]).toEqual([
      403,
      expect.objectContaining({ type: '/problems/invalid-link', detail: 'The link has expired.' }),
    ]);
    expect(gateway.emulator.calls).toHaveLength(0);
  });

  it('created with a token of another purpose is invalid', async () => {
    const gateway = await start();
    const token = await issueToken(gateway);
    const before = gateway.emulator.calls.length;
    const response = await gateway.fetch(`/recordings/${sid}/audio?format=wav&token=${token}`);
    expect(response.status).toBe(403);
    expect(gateway.emulator.calls).toHaveLength(before);
  });
});
