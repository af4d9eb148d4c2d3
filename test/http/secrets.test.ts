/** No secret appears in a response, its headers, a log line or the store, whatever fails. */
import { describe, expect, it, test, vi } from 'vitest';
import type { ObjectStore } from '../../src/store/object-store.ts';
import { faultNames } from '../emulator/faults.ts';
import { createCanaries, toForms } from '../support/canaries.ts';
import { type GatewayOptions, startGateway } from '../support/harness.ts';
import { createJwtIssuer } from '../support/jwt-issuer.ts';
import { listKeys } from '../support/test-store.ts';

const account = 'north';
const wrongKey = 'wr0ng-acce55/key+canary=0123456789&0123456789%0123456789?01234567';
const tokenKey = 'the-bytes-of-the-key-that-seals!';
const issuer = await createJwtIssuer();

interface Sighting {
  readonly where: string;
  readonly names: readonly string[];
}

/** A gateway whose every response is read to its end and searched. */
async function startWatched(options: GatewayOptions = {}) {
  const consoles = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation(() => {}),
  );
  const { env, ...others } = options;
  const gateway = await startGateway({
    env: { TOKEN_KEYS: btoa(tokenKey), PUBLIC_URL: 'https://gateway.example', ...env },
    withStore: true,
    ...others,
  });
  const { accessKey, secretAccessKey } = gateway.emulator.account(account);
  const canaries = createCanaries({ accessKey, secretAccessKey, wrongKey, tokenKey });
  /** Credentials that one response may return, and no other. */
  const handedOut: string[] = [];
  const seen: Sighting[] = [];
  const search = (where: string, content: string | Uint8Array) => {
    const names = [...canaries.find(content)];
    const text = typeof content === 'string' ? content : '';
    if (handedOut.some((secret) => text.includes(secret))) names.push('a token or link');
    if (names.length > 0) seen.push({ where, names });
  };
  const basicOf = (user: string, password: string) => ({
    Authorization: `Basic ${btoa(`${user}:${password}`)}`,
  });

  async function ask(path: string, init: RequestInit = {}): Promise<string> {
    const response = await gateway.fetch(path, { redirect: 'manual', ...init }).catch(() => null);
    if (!response) return '';
    const where = `${init.method ?? 'GET'} ${path.split('?')[0]} → ${response.status}`;
    for (const [name, value] of response.headers) search(`${where}, ${name}`, `${name}: ${value}`);
    const body = await readFor(response, 500);
    search(where, body);
    const text = new TextDecoder().decode(body);
    if (response.headers.get('Content-Type') !== 'application/json') return text;
    const { access_token, url } = JSON.parse(text);
    const token = access_token ?? (url && new URL(url).searchParams.get('token'));
    if (token) handedOut.push(token);
    else search(where, text);
    return text;
  }

  async function finish(): Promise<readonly Sighting[]> {
    search('the log', gateway.log.map((event) => JSON.stringify(event)).join('\n'));
    const printed = consoles.flatMap(({ mock }) => mock.calls.map((call) => call.map(String).join(' ')));
    search('the console', printed.join('\n'));
    for (const spy of consoles) spy.mockRestore();
    if (gateway.store) await searchStore(gateway.store, search);
    return seen;
  }
  return {
    gateway,
    ask,
    finish,
    right: basicOf(accessKey, secretAccessKey),
    basicOf,
    accessKey,
    secretAccessKey,
  };
}

/** Bytes that arrive within this time, in milliseconds: some faults never close a body. */
async function readFor({ body }: Response, time: number): Promise<Uint8Array> {
  const reader = body?.getReader();
  const timer = setTimeout(() => reader?.cancel().catch(() => {}), time);
  const chunks: number[] = [];
  try {
    for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) {
      for (const byte of chunk.value) chunks.push(byte);
    }
  } catch {
    // A body that failed has shown its content.
  }
  clearTimeout(timer);
  return Uint8Array.from(chunks);
}

async function searchStore(
  store: ObjectStore,
  search: (where: string, content: string | Uint8Array) => void,
): Promise<void> {
  for (const key of await listKeys(store)) {
    search('a key of the store', key);
    const object = await store.get(key);
    search(`metadata of ${key}`, JSON.stringify([object?.contentType, object?.metadata]));
    if (object) search(`the object ${key}`, new Uint8Array(await new Response(object.body).arrayBuffer()));
  }
}

const sid = '0907065723240097';
const list = '/recordings?type=findme&id=1234';
const json = { 'Content-Type': 'application/json' };
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const grant = 'grant_type=client_credentials&scope=recordings:read';

/** Every request that these headers allow. */
async function useAll(
  ask: (path: string, init?: RequestInit) => Promise<string>,
  headers: Record<string, string>,
) {
  await ask(list, { headers });
  await ask(list, { headers: { ...headers, Accept: 'application/x-ndjson' } });
  const { next_cursor: cursor } = JSON.parse((await ask(`${list}&limit=1`, { headers })) || '{}');
  await ask(`${list}&limit=1&cursor=${cursor}`, { headers });
  for (const format of ['wav', 'mp3']) await ask(`/recordings/${sid}/audio?format=${format}`, { headers });
  await ask(`/recordings/${sid}/audio`, { headers, method: 'HEAD' });
  await ask(`/recordings/${sid}/audio`, { headers: { ...headers, Range: 'bytes=0-99' } });
  await ask('/recordings/0000/audio', { headers });
  const link = await ask(`/recordings/${sid}/audio-links`, { headers, method: 'POST' });
  if (link.includes('"url"')) {
    const { pathname, search } = new URL(JSON.parse(link).url);
    await ask(pathname + search);
    await ask(pathname + search.replace('format=wav', 'format=mp3'));
    await ask(`${pathname}${search}&more=1`);
  }
  const upload = JSON.stringify({ type: 'findme', id: 1234, path: '/path/to/audio.wav' });
  const once = { 'Idempotency-Key': '"an-upload"' };
  for (const more of [{}, once, once])
    await ask('/uploads', { method: 'POST', headers: { ...headers, ...json, ...more }, body: upload });
  const audio = await ask(`/recordings/${sid}/audio`, { headers });
  await ask('/uploads/audio?type=findme&id=1234', {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'audio/wav' },
    body: audio,
  });
  await ask('/recordings/0932654521723728?delete_now=false', { headers, method: 'DELETE' });
  await ask('/recordings/0932654521723728', { headers, method: 'DELETE' });
}

describe('no secret is found', { timeout: 30_000 }, () => {
  it.each(['GET', 'POST'])('after every operation with the account’s keys, over %s', async (method) => {
    const { ask, finish, right } = await startWatched({ env: { LEGACY_METHOD: method } });
    await useAll(ask, right);
    expect(await finish()).toEqual([]);
  });

  it('after requesting tokens, and every operation with them', async () => {
    const { ask, finish, right, accessKey, secretAccessKey } = await startWatched();
    const scope = 'scope=recordings:read+recordings:delete+uploads:write';
    const init = {
      method: 'POST',
      headers: { ...form, ...right },
      body: `grant_type=client_credentials&${scope}`,
    };
    const { access_token: token } = JSON.parse(await ask('/oauth/token', init));
    const inForm = new URLSearchParams({ client_id: accessKey, client_secret: secretAccessKey });
    await ask('/oauth/token', { method: 'POST', headers: form, body: `${grant}&${inForm}` });
    await useAll(ask, { Authorization: `Bearer ${token}` });
    await ask(list, { headers: { Authorization: `Bearer ${token}x` } });
    expect(await finish()).toEqual([]);
  });

  it("after every operation with a JWT and the gateway's own keys", async () => {
    const { emulator } = await startGateway();
    const { accessKey, secretAccessKey } = emulator.account(account);
    const keys = { LEGACY_ACCESS_KEY: accessKey, LEGACY_SECRET_ACCESS_KEY: secretAccessKey };
    const env = { ...issuer.env, ...keys, UPLOAD_PATH_PREFIXES: '/path/' };
    const { ask, finish } = await startWatched({ env, fetch: issuer.fetch });
    const token = await issuer.sign({ scope: 'recordings:read recordings:delete uploads:write' });
    await useAll(ask, { Authorization: `Bearer ${token}` });
    expect(await finish()).toEqual([]);
  });

  it('after wrong keys, and valid ones in the wrong place', async () => {
    const { ask, finish, basicOf, accessKey, secretAccessKey } = await startWatched();
    for (const headers of [basicOf(wrongKey, wrongKey), basicOf(accessKey, wrongKey)]) {
      await useAll(ask, headers);
      await ask('/oauth/token', { method: 'POST', headers: { ...form, ...headers }, body: grant });
    }
    const query = new URLSearchParams({ access_key: accessKey, secret_access_key: secretAccessKey });
    for (const headers of [{}, basicOf(accessKey, secretAccessKey)]) {
      for (const path of [list, `/recordings/${sid}/audio?format=wav`, '/oauth/token?grant_type=x']) {
        await ask(`${path}&${query}`, { headers });
      }
      await ask(`/recordings?type=${encodeURIComponent(secretAccessKey)}&id=${accessKey.slice(0, 15)}`, {
        headers,
      });
    }
    for (const authorization of [
      accessKey,
      `Basic ${accessKey}`,
      `Bearer ${secretAccessKey}`,
      `Key ${accessKey}`,
    ])
      await ask(list, { headers: { Authorization: authorization } });
    const twisted = JSON.stringify({ access_key: accessKey, secret_access_key: secretAccessKey });
    await ask('/uploads', {
      method: 'POST',
      headers: { ...json, ...basicOf(accessKey, secretAccessKey) },
      body: twisted,
    });
    expect(await finish()).toEqual([]);
  });

  test.each(faultNames)('when the legacy service fails by %s', async (name) => {
    const names = ['FIRST_BYTE', 'ANSWER', 'IDLE', 'UPLOAD', 'AUDIO'];
    const env = Object.fromEntries(names.map((kind) => [`LEGACY_${kind}_TIMEOUT_MS`, '200']));
    const { gateway, ask, finish, right } = await startWatched({ env });
    gateway.emulator.fault({ name });
    const operations: Promise<string>[] = [
      ask(list, { headers: right }),
      ask(`/recordings/${sid}/audio`, { headers: right }),
      ask(`/recordings/${sid}`, { method: 'DELETE', headers: right }),
      ask('/oauth/token', { method: 'POST', headers: { ...form, ...right }, body: grant }),
      ask('/uploads', {
        method: 'POST',
        headers: { ...json, ...right },
        body: JSON.stringify({ type: 'findme', id: 1234, path: '/path/to/audio.wav' }),
      }),
    ];
    await Promise.all(operations);
    expect(await finish()).toEqual([]);
  });
});

describe('the search', () => {
  const secret = 's3cret/with+signs=and&more%of?them-0123456789-0123456789-0123456';
  const canaries = createCanaries({ secret });

  it.each(toForms(secret).map((form) => [form]))('finds %s', (form) => {
    expect(canaries.find(`{"x":"${form}"}`)).toEqual(['secret']);
    expect(canaries.find(new TextEncoder().encode(`\0${form}\0`))).toEqual(['secret']);
  });

  it.each(['', 'a', 'ab', 'abc'])('finds it in base64 after %o', (before) => {
    expect(canaries.find(btoa(`${before}${secret}:after`))).toEqual(['secret']);
  });

  it('finds a part of it, and not another’s', () => {
    expect(canaries.find(`…${secret.slice(0, 20)}…`)).toEqual(['secret']);
    expect(canaries.find(`…${secret.slice(-20)}…`)).toEqual(['secret']);
    expect(canaries.find('s3cret/with-signs')).toEqual([]);
  });
});
