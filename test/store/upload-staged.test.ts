/** Staged audio as the vendor fetches it: whole, in parts, by HEAD, and only with its URL. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDigest } from '#test-streams';
import { createSealer } from '../../src/auth/seal.ts';
import { createBodyReader } from '../../src/uploads/body-reader.ts';
import { createStaging, stagedLifetimeSeconds } from '../../src/uploads/staging.ts';
import { createAudio } from '../emulator/audio.ts';
import {
  clearStore,
  publicUrl,
  startUploadGateway,
  store,
  stored,
  type UploadGateway,
  uploadCalls,
} from '../support/upload-gateway.ts';

const mp3 = createAudio('mp3', { seed: 'staged', rate: 8000, seconds: 1 });
const bytes = mp3.slice();
const { length } = bytes;

let gateway: UploadGateway;
let path: string;

beforeEach(async () => {
  gateway = await startUploadGateway();
  await gateway.upload(bytes, { headers: { 'Content-Type': 'audio/mpeg' } });
  path = new URL(uploadCalls(gateway)[0]?.parameters.path ?? '').pathname;
});
afterEach(clearStore);

const content = async (response: Response) => new Uint8Array(await response.arrayBuffer());

test('needs no header, and caches must revalidate it', async () => {
  expect(path).toMatch(/^\/staged\/[\w.-]+\.mp3$/);
  const response = await gateway.fetch(path);
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'audio/mpeg',
    'content-length': String(length),
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    'x-content-type-options': 'nosniff',
  });
  expect(await content(response)).toEqual(bytes);
});

test('HEAD has the headers and no body, whatever the range', async () => {
  const response = await gateway.fetch(path, { method: 'HEAD', headers: { Range: 'bytes=0-1' } });
  expect(response.status).toBe(200);
  expect(response.headers.get('Content-Length')).toBe(String(length));
  expect(response.headers.get('Content-Type')).toBe('audio/mpeg');
  expect(await content(response)).toHaveLength(0);
});

test.each([
  ['bytes=0-1', 0, 2],
  ['bytes=10-', 10, length],
  ['bytes=-10', length - 10, length],
  [`bytes=5-${length + 1000}`, 5, length],
])('%s returns those bytes', async (range, start, end) => {
  const response = await gateway.fetch(path, { headers: { Range: range } });
  expect(response.status).toBe(206);
  expect(response.headers.get('Content-Range')).toBe(`bytes ${start}-${end - 1}/${length}`);
  expect(response.headers.get('Content-Length')).toBe(String(end - start));
  expect(await content(response)).toEqual(bytes.slice(start, end));
});

test('a range past the end is a 416 with the length, without the token', async () => {
  const response = await gateway.fetch(path, { headers: { Range: `bytes=${length}-` } });
  expect(response.status).toBe(416);
  expect(response.headers.get('Content-Range')).toBe(`bytes */${length}`);
  expect(await response.json()).toMatchObject({
    type: '/problems/range-not-satisfiable',
    instance: '/staged',
  });
});

test('If-Range with its tag gets the part, with another the whole', async () => {
  const tag = (await gateway.fetch(path, { method: 'HEAD' })).headers.get('ETag') ?? '';
  const statusOf = async (ifRange: string) => {
    const response = await gateway.fetch(path, { headers: { Range: 'bytes=0-1', 'If-Range': ifRange } });
    await response.body?.cancel();
    return response.status;
  };
  expect([await statusOf(tag), await statusOf('"another"')]).toEqual([206, 200]);
});

test.each([
  ['its other format', (name: string) => name.replace('.mp3', '.wav')],
  ['no format', (name: string) => name.replace('.mp3', '')],
  [
    'a changed character',
    (name: string) => name.replace(/.(?=\.mp3$)/, (char) => (char === 'A' ? 'B' : 'A')),
  ],
  ['a cut token', (name: string) => name.replace(/.\.mp3$/, '.mp3')],
  ['another version', (name: string) => `${name}.mp3`],
  ['a path below it', (name: string) => `${name}/x`],
  ['its key in the store', () => ''],
])('%s opens nothing, and its problem omits the token', async (_title, change) => {
  const [key = ''] = await stored();
  const changed = change(path) || `/staged/${key.split('/').pop()}.mp3`;
  const response = await gateway.fetch(changed);
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ type: '/problems/not-found', instance: '/staged' });
});

test('a wrong method is a 405 whose problem omits the token', async () => {
  const response = await gateway.fetch(path, { method: 'DELETE' });
  expect(response.status).toBe(405);
  expect(response.headers.get('Allow')).toBe('GET, HEAD');
  expect(await response.json()).toMatchObject({ instance: '/staged' });
});

test('an access token opens no staged audio', async () => {
  const sealer = createSealer({
    keys: [new TextEncoder().encode('a key for tests, 32 bytes long..')],
    issuer: publicUrl,
    audience: publicUrl,
  });
  const [key = ''] = await stored();
  const [, accountId, name] = key.split('/');
  const payload = [accountId, name, 'mp3'];
  const inAnHour = Math.floor(Date.now() / 1000) + 3600;
  const token = await sealer.seal('access-token', payload, inAnHour);
  expect((await gateway.fetch(`/staged/${token}.mp3`)).status).toBe(404);
  const good = await sealer.seal('staged-audio', payload, inAnHour);
  const response = await gateway.fetch(`/staged/${good}.mp3`);
  expect(response.status).toBe(200);
  await response.body?.cancel();
});

test('disappears with its object', async () => {
  await clearStore();
  expect((await gateway.fetch(path)).status).toBe(404);
  expect((await gateway.fetch(path, { method: 'HEAD' })).status).toBe(404);
});

test('expires an hour after its last byte', async () => {
  let now = 1_700_000_000_000;
  const sealer = createSealer({
    keys: [new Uint8Array(32)],
    issuer: 'test',
    audience: 'test',
    now: () => now,
  });
  const staging = createStaging({
    store,
    createDigest,
    sealer,
    publicUrl,
    limit: 1e6,
    now: () => now,
  });
  const reader = createBodyReader(new Blob([bytes]).stream(), length);
  const { url } = await staging.stage({
    incoming: { reader, length },
    format: 'mp3',
    accountId: 'a'.repeat(32),
    isDigested: false,
  });
  const token = url.slice(`${publicUrl}/staged/`.length, -'.mp3'.length);
  now += stagedLifetimeSeconds * 1000 - 1;
  expect((await staging.open(token, 'mp3'))?.extent).toEqual({ length });
  now += 1;
  expect(await staging.open(token, 'mp3')).toBeNull();
});

test('no log line contains the token or the store’s key', async () => {
  await gateway.fetch(`${path}x`);
  const logged = JSON.stringify(gateway.log);
  expect(logged).not.toContain(path.slice('/staged/'.length, 60));
  for (const key of await stored()) expect(logged).not.toContain(key);
});
