/**
 * Guesses of keys: with every authentication method they are limited and counted, and callers with valid keys are not
 * affected.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createOwner } from '../../src/auth/caller.ts';
import { createAudioLinks } from '../../src/auth/links.ts';
import { createAccessTokens } from '../../src/auth/tokens.ts';
import { basic, startGateway, type TestGateway } from '../support/harness.ts';
import { agedSealer, bearer, issueToken, tokenEnv } from '../support/token-client.ts';

const list = '/recordings?type=findme&id=1234';
const keys = (n: number | string) => ({ accessKey: 'foofoofoo', secretAccessKey: `guess-${n}` });
const wrong = (n: number | string) => ({ Authorization: `Basic ${btoa(`foofoofoo:guess-${n}`)}` });
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const upload = JSON.stringify({ type: 'findme', id: 1234, path: '/path/to/audio.wav' });
const expiresAt = Math.floor(Date.now() / 1000) + 600;
const audio = { sid: '0907065723240097', format: 'wav', sampleRate: 8000 } as const;

/** No allowance grows back while the requests of a test are sent, however long they take. */
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

/** Between two guesses, so that a thousand take a minute. */
const pauseMs = 60;

type Ask = (gateway: TestGateway, n: number | string) => Promise<Response>;

/** Sealed with the gateway's own TOKEN_KEYS, like a link whose keys were revoked or that an older release created. */
async function sealLink(n: number | string) {
  const links = createAudioLinks({ sealer: agedSealer(0), gatewayCredentials: null });
  return await links.create(await createOwner(keys(n)), audio, expiresAt);
}

async function sealToken(n: number | string) {
  const tokens = createAccessTokens({ sealer: agedSealer(0) });
  return await tokens.issue({ credentials: keys(n), scopes: ['recordings:read'], expiresIn: 600 });
}

const waysIn: readonly (readonly [title: string, ask: Ask])[] = [
  ['a list by Basic', (gateway, n) => gateway.fetch(list, { headers: wrong(n) })],
  ['audio by Basic', (gateway, n) => gateway.fetch('/recordings/0404/audio', { headers: wrong(n) })],
  [
    'HEAD of audio by Basic',
    (gateway, n) => gateway.fetch('/recordings/0404/audio', { method: 'HEAD', headers: wrong(n) }),
  ],
  [
    'audio by Basic, waiting',
    (gateway, n) => gateway.fetch('/recordings/0404/audio', { headers: { ...wrong(n), Prefer: 'wait=1' } }),
  ],
  [
    'a deletion by Basic',
    (gateway, n) => gateway.fetch('/recordings/0404', { method: 'DELETE', headers: wrong(n) }),
  ],
  [
    'an upload by Basic',
    (gateway, n) =>
      gateway.fetch('/uploads', {
        method: 'POST',
        headers: { ...wrong(n), 'Content-Type': 'application/json' },
        body: upload,
      }),
  ],
  [
    'an audio link by Basic',
    (gateway, n) => gateway.fetch('/recordings/0404/audio-links', { method: 'POST', headers: wrong(n) }),
  ],
  [
    'a token by Basic',
    (gateway, n) =>
      gateway.fetch('/oauth/token', {
        method: 'POST',
        headers: { ...wrong(n), ...form },
        body: 'grant_type=client_credentials',
      }),
  ],
  [
    'a token by the form',
    (gateway, n) =>
      gateway.fetch('/oauth/token', {
        method: 'POST',
        headers: form,
        body: `grant_type=client_credentials&client_id=foofoofoo&client_secret=guess-${n}`,
      }),
  ],
  [
    'a link sealed over the keys',
    async (gateway, n) =>
      gateway.fetch(`/recordings/${audio.sid}/audio?format=wav&sample_rate=8000&token=${await sealLink(n)}`),
  ],
  [
    'a token sealed over the keys',
    async (gateway, n) => gateway.fetch(list, { headers: bearer(await sealToken(n)) }),
  ],
];

/** Twenty at a time. */
async function statuses(count: number, ask: (n: number) => Promise<Response>): Promise<number[]> {
  const seen: number[] = [];
  const next = Array.from({ length: count }, (_, n) => n);
  const work = async () => {
    for (let n = next.shift(); n !== undefined; n = next.shift()) {
      const response = await ask(n);
      await response.arrayBuffer();
      seen.push(response.status);
    }
  };
  await Promise.all(Array.from({ length: 20 }, work));
  return seen;
}

const env = { ...tokenEnv };
const byKind = (seen: readonly number[]) => [...new Set(seen)].sort();

describe('a thousand guesses from one address', () => {
  it.each(waysIn)('by %s reach the legacy service at most 40 times in a minute', async (_, ask) => {
    const gateway = await startGateway({ env });
    const seen = await statuses(1000, (n) => {
      vi.setSystemTime(Date.now() + pauseMs);
      return ask(gateway, n);
    });
    expect(byKind(seen)).toEqual([401, 429]);
    expect(gateway.emulator.calls.length).toBeGreaterThanOrEqual(20);
    expect(gateway.emulator.calls.length).toBeLessThanOrEqual(40);
  });

  it('with all methods together reach it no more often, and valid keys are never rejected', async () => {
    const gateway = await startGateway({ env });
    const token = await issueToken(gateway);
    const valid = [basic(gateway.emulator), bearer(token)];
    const before = gateway.emulator.calls.length;
    let asked = 0;
    const seen = await statuses(1000, async (n) => {
      const [, guess] = waysIn[n % waysIn.length] ?? [];
      if (n % 10 !== 0 && guess) return guess(gateway, n);
      asked += 1;
      const response = await gateway.fetch(list, { headers: valid[n % 20 === 0 ? 0 : 1] ?? {} });
      expect(response.status).toBe(200);
      return response;
    });
    expect(byKind(seen)).toEqual([200, 401, 429]);
    expect(asked).toBe(100);
    expect(gateway.emulator.calls.length - before - asked).toBeLessThanOrEqual(40);
  });
});

it('made-up keys do not flood a legacy service that is down', async () => {
  let calls = 0;
  const gateway = await startGateway({
    env,
    legacy: () => {
      calls += 1;
      return new Response('', { status: 503 });
    },
  });
  const seen = await statuses(500, (n) => gateway.fetch(list, { headers: wrong(n) }));
  expect(byKind(seen)).toEqual([429, 503]);
  // 100 requests and what a few seconds add, some with a retry.
  expect(calls).toBeGreaterThanOrEqual(100);
  expect(calls).toBeLessThanOrEqual(200);
});

describe('the commands of an attack', () => {
  it('a link for wrong keys is a 401, and costs no call for keys that were just used', async () => {
    const gateway = await startGateway({ env });
    const ask = (headers: Record<string, string>) =>
      gateway.fetch('/recordings/0404/audio-links', { method: 'POST', headers });
    const refused = await ask(wrong(1));
    expect([refused.status, await refused.json()]).toEqual([
      401,
      expect.objectContaining({ type: '/problems/credentials-rejected' }),
    ]);
    expect((await ask(basic(gateway.emulator))).status).toBe(201);
    expect(gateway.emulator.calls).toHaveLength(2);
    for (let n = 0; n < 5; n += 1) expect((await ask(basic(gateway.emulator))).status).toBe(201);
    expect(gateway.emulator.calls).toHaveLength(2);
  });

  it('clients that hang up early are counted too', async () => {
    let [calls, verdicts] = [0, 0];
    const clients = new Map<string, AbortController>();
    const gateway = await startGateway({
      env: { ...env, LEGACY_METHOD: 'GET' },
      legacy: async ({ url }) => {
        calls += 1;
        // The verdict arrives after the client has disconnected.
        clients.get(new URL(url).searchParams.get('secret_access_key') ?? '')?.abort();
        await new Promise((resolve) => setTimeout(resolve, 100));
        verdicts += 1;
        return envelope(401, 'failed', 'Invalid api_key');
      },
    });
    const hangUp = (n: number) => {
      const client = new AbortController();
      clients.set(keys(n).secretAccessKey, client);
      return gateway
        .fetch('/recordings/1/audio', { headers: wrong(n), signal: client.signal })
        .catch(() => new Response(null, { status: 499 }));
    };
    await statuses(200, hangUp);
    await expect.poll(() => verdicts).toBe(calls);
    expect(calls).toBe(20);
    expect([...clients.values()].filter(({ signal }) => signal.aborted)).toHaveLength(20);
    expect((await gateway.fetch('/recordings/1/audio', { headers: wrong('last') })).status).toBe(429);
  });

  it('one wrong pair of keys, 150 times at once, is counted 150 times', async () => {
    const gateway = await startGateway({ env });
    const asks = Array.from({ length: 150 }, () => gateway.fetch(list, { headers: wrong('same') }));
    const seen = (await Promise.all(asks)).map(({ status }) => status);
    expect(byKind(seen)).toEqual([401, 429]);
    expect(gateway.emulator.calls.length).toBeLessThanOrEqual(40);
  });

  it('made-up keys do not evict an exhausted caller from the counter', async () => {
    const gateway = await startGateway({ env: { ...env, RATE_LIMIT: '60' } });
    const headers = basic(gateway.emulator);
    expect(byKind(await statuses(70, () => gateway.fetch(list, { headers })))).toEqual([200, 429]);
    await statuses(1000, (n) => gateway.fetch('/recordings', { headers: wrong(n) }));
    expect(byKind(await statuses(10, () => gateway.fetch(list, { headers })))).toEqual([429]);
  });

  it("one link uses a quarter of its account's rate, and its owner keeps the rest", async () => {
    const gateway = await startGateway({ env: { ...env, RATE_LIMIT: '60' } });
    const headers = basic(gateway.emulator);
    const made = await gateway.fetch('/recordings/0907065723240097/audio-links', { method: 'POST', headers });
    const { url } = (await made.json()) as { url: string };
    const { pathname, search } = new URL(url, 'https://gateway.example');
    const seen = await statuses(70, () => gateway.fetch(pathname + search, { method: 'HEAD' }));
    expect(seen.filter((status) => status === 200)).toHaveLength(15);
    expect((await gateway.fetch(list, { headers })).status).toBe(200);
  });

  it('keys whose only responses are 404s are verified', async () => {
    const gateway = await startGateway({ env });
    const headers = basic(gateway.emulator);
    const right = () => gateway.fetch('/recordings/0404/audio', { headers });
    expect((await right()).status).toBe(404);
    await statuses(100, (n) => gateway.fetch(list, { headers: wrong(n) }));
    expect(byKind(await statuses(60, right))).toEqual([404]);
  });

  it('verified keys that are rejected later count as guesses', async () => {
    let isRevoked = false;
    const gateway = await startGateway({
      env,
      legacy: () =>
        isRevoked ? envelope(401, 'failed', 'Invalid api_key') : envelope(404, 'failed', 'File not found'),
    });
    const ask = () => gateway.fetch('/recordings/0404/audio', { headers: wrong('once-right') });
    expect((await ask()).status).toBe(404);
    isRevoked = true;
    const seen = await statuses(100, ask);
    expect(byKind(seen)).toEqual([401, 429]);
    expect(seen.filter((status) => status === 401).length).toBeLessThanOrEqual(60);
  });
});

function envelope(status: number, result: string, description: string): Response {
  const xml = `<?xml version="1.0"?><response><result>${result}</result><result_description>${description}</result_description></response>`;
  return new Response(xml, { status, headers: { 'Content-Type': 'text/xml' } });
}
