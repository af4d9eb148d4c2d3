/** The log names the rejected caller and the reason, in digests and our own terms; the response says less. */
import { expect, test } from 'vitest';
import { sha256Hex } from '../../src/primitives/sha256.ts';
import { sids } from '../emulator/seeds.ts';
import { basic, isWorkerd, startGateway, type TestGateway } from '../support/harness.ts';
import { createJwtIssuer } from '../support/jwt-issuer.ts';
import {
  agedSealer,
  bearer,
  createLink,
  issueToken,
  requestToken,
  tokenEnv,
} from '../support/token-client.ts';

const list = '/recordings?type=findme&id=1234';
const audio = `/recordings/${sids.playable}/audio`;
const address = '203.0.113.7';
/** Each runtime reads one of them. */
const from = { 'X-Forwarded-For': address, 'CF-Connecting-IP': address };
const jwt = await createJwtIssuer();
const other = await createJwtIssuer();

/** As in docs/operations.md, for `sha256sum`. */
const digest = async (kind: 'address' | 'sid', value: string) =>
  (await sha256Hex(`["recordings-gateway","${kind}","${value}"]`)).slice(0, 32);

const start = (env: Readonly<Record<string, string>> = {}) =>
  startGateway({ env: { ...tokenEnv, CLIENT_ADDRESS_HEADER: 'X-Forwarded-For', ...env }, fetch: jwt.fetch });

/** The line of the last request. */
async function lastLine(gateway: TestGateway, path: string, init: RequestInit = {}) {
  const before = gateway.log.length;
  const response = await gateway.fetch(path, { ...init, headers: { ...from, ...init.headers } });
  const body = await response.text();
  const find = () => gateway.log.slice(before).find(({ event }) => event === 'request');
  await expect.poll(find).toBeTruthy();
  return { line: find(), body };
}

const sealed = (payload: object, age: number) =>
  agedSealer(age).seal('access-token', payload, Math.floor(Date.now() / 1000) - age + 60);
const grant = { iat: 1, credentials: ['foofoofoo', 'foobarfoo'], scopes: ['recordings:read'] };
const past = Math.floor(Date.now() / 1000) - 3600;
/** With another first character of the ciphertext. */
const changed = (token: string) =>
  token.replace(/\.([\w-])([^.]*\.[^.]*)$/, (_, first, rest) => `.${first === 'A' ? 'B' : 'A'}${rest}`);

test.each<[string, () => Promise<string>, string]>([
  ['an expired token', () => sealed(grant, 120), 'expired'],
  ['a token of another release', () => sealed({ other: true }, 0), 'contents'],
  ['a changed token', async () => changed(await sealed(grant, 0)), 'signature'],
  [
    'a token under unknown keys',
    async () => (await sealed(grant, 0)).replace(/^[^.]+/, 'eyJhbGciOiJkaXIifQ'),
    'unknown-key',
  ],
  ['text', async () => 'abc', 'malformed'],
  ['a JWT for another audience', () => jwt.sign({ aud: 'https://other.example' }), 'audience'],
  ['an expired JWT', () => jwt.sign({ exp: past }), 'expired'],
  [
    'a JWT that is not valid yet',
    () => jwt.sign({ nbf: Math.floor(Date.now() / 1000) + 300 }),
    'not-yet-valid',
  ],
  ['a JWT of another signer', () => other.sign(), 'signature'],
])('%s', async (_what, create, reason) => {
  const gateway = await start(jwt.env);
  const { line, body } = await lastLine(gateway, list, { headers: bearer(await create()) });
  expect(line).toMatchObject({
    status: 401,
    problem: 'invalid-token',
    reason,
    address: await digest('address', address),
    caller: null,
    subject: null,
  });
  // The response says only whether the token has expired.
  expect(JSON.parse(body).detail).toBe(
    reason === 'expired' ? 'The token has expired.' : 'The token is not valid for this gateway.',
  );
});

test.each<[string, Record<string, string>, object]>([
  [
    'rejected keys',
    { Authorization: `Basic ${btoa('foofoofoo:wrong')}` },
    { status: 401, reason: 'credentials-rejected' },
  ],
  [
    'keys without a colon',
    { Authorization: `Basic ${btoa('foofoofoo')}` },
    { status: 401, reason: 'malformed' },
  ],
  ['another scheme', { Authorization: 'Digest x' }, { status: 401, reason: 'unsupported' }],
])('%s: the line has the reason and a digest of the address', async (_what, headers, expected) => {
  const { line } = await lastLine(await start(), list, { headers });
  expect(line).toMatchObject({ ...expected, address: await digest('address', address) });
});

test('a request without credentials or without the scope logs no address', async () => {
  const gateway = await start();
  expect((await lastLine(gateway, list)).line).toMatchObject({ reason: 'missing', address: null });
  const headers = bearer(await issueToken(gateway, { scope: 'uploads:write' }));
  expect((await lastLine(gateway, list, { headers })).line).toMatchObject({
    status: 403,
    reason: 'insufficient-scope',
    address: null,
  });
});

const json = { 'Content-Type': 'application/json' };
const upload = { type: 'findme', id: 1234, path: '/path/to/audio.wav' };

test.each<[string, (wrong: { Authorization: string }) => Promise<[string, RequestInit?]>]>([
  ['a list', async (wrong) => [list, { headers: wrong }]],
  [
    'an upload',
    async (wrong) => [
      '/uploads',
      { method: 'POST', headers: { ...wrong, ...json }, body: JSON.stringify(upload) },
    ],
  ],
  [
    'a link',
    async (wrong) => [`${audio}-links`, { method: 'POST', headers: { ...wrong, ...json }, body: '{}' }],
  ],
  [
    'a link with an appended parameter',
    async () => {
      const content = [sids.playable, 'wav', 8000, ['foofoofoo', 'wrong']];
      const token = await agedSealer(0).seal('audio-link', content, Math.floor(Date.now() / 1000) + 60);
      return [`${audio}?format=wav&utm_source=mail&token=${token}`];
    },
  ],
])('the address of the connection is logged with %s, whose keys are rejected', async (_what, toRequest) => {
  const gateway = await startGateway({ env: tokenEnv });
  const [path, init] = await toRequest({ Authorization: `Basic ${btoa('foofoofoo:wrong')}` });
  expect((await lastLine(gateway, path, init)).line).toMatchObject({
    status: 401,
    reason: 'credentials-rejected',
    address: await digest('address', isWorkerd ? address : '127.0.0.1'),
  });
});

test('keys that /oauth/token rejects log a reason, an address and the account', async () => {
  const gateway = await start();
  await requestToken(gateway, {}, { ...from, Authorization: `Basic ${btoa('foofoofoo:wrong')}` });
  await expect.poll(() => gateway.log).toHaveLength(1);
  expect(gateway.log[0]).toMatchObject({
    operation: 'issueToken',
    status: 401,
    problem: null,
    reason: 'credentials-rejected',
    address: await digest('address', address),
    caller: expect.stringMatching(/^[\da-f]{32}$/),
  });
});

test('an address that must wait is logged with each request', async () => {
  const gateway = await start({ REFUSED_KEYS_LIMIT: '1' });
  const guess = (secret: string) =>
    lastLine(gateway, list, { headers: { Authorization: `Basic ${btoa(`foofoofoo:${secret}`)}` } });
  await guess('first');
  const { line } = await guess('second');
  expect(line).toMatchObject({
    status: 429,
    reason: 'too-many-failures',
    address: await digest('address', address),
  });
});

test.each([
  ['for another recording', (url: string) => url.replace(sids.playable, sids.hour), 'other-audio'],
  ['changed', (url: string) => changed(url), 'signature'],
])('a link %s', async (_what, change, reason) => {
  const gateway = await start();
  const { line } = await lastLine(gateway, change(await createLink(gateway)));
  expect(line).toMatchObject({ status: 403, problem: 'invalid-link', reason });
});

test('each subject of an account has its own digest, and the account keeps its own', async () => {
  const gateway = await start(jwt.env);
  const ask = async (sub: string) =>
    (await lastLine(gateway, list, { headers: bearer(await jwt.sign({ sub })) })).line;
  const [ann, bob, again] = [await ask('ann'), await ask('bob'), await ask('ann')];
  const owner = (await lastLine(gateway, list, { headers: basic(gateway.emulator) })).line;
  expect([ann?.caller, bob?.caller]).toEqual([owner?.caller, owner?.caller]);
  expect(owner?.subject).toBe(owner?.caller);
  expect(new Set([ann?.subject, bob?.subject, owner?.subject]).size).toBe(3);
  expect(again?.subject).toBe(ann?.subject);
  expect(JSON.stringify(gateway.log)).not.toMatch(/\bann\b|\bbob\b/);
});

test("a deletion logs the recording's digest; other operations log none", async () => {
  const gateway = await start();
  const headers = basic(gateway.emulator);
  expect((await lastLine(gateway, audio, { headers })).line).toMatchObject({ recording: null });
  const { line } = await lastLine(gateway, `/recordings/${sids.playable}`, { headers, method: 'DELETE' });
  expect(line).toMatchObject({ status: 204, recording: await digest('sid', sids.playable) });
  expect(JSON.stringify(gateway.log)).not.toContain(sids.playable);
});

test('the trace of the runtime is logged if the request has none', async () => {
  const own = '11111111111111111111111111111111';
  const incoming = '0af7651916cd43dd8448eb211c80319c';
  const gateway = await startGateway({ traceId: own });
  expect((await lastLine(gateway, '/health')).line?.trace_id).toBe(own);
  const headers = { traceparent: `00-${incoming}-b7ad6b7169203331-01` };
  expect((await lastLine(gateway, '/health', { headers })).line?.trace_id).toBe(incoming);
});

test('the circuit of an account logs when it opens and closes', async () => {
  const gateway = await start({ LEGACY_CIRCUIT_OPEN_MS: '100' });
  const headers = basic(gateway.emulator);
  gateway.emulator.fault({ name: 'server-error' });
  for (let count = 0; count < 6; count++) await lastLine(gateway, list, { headers });
  const changes = () => gateway.log.filter(({ event }) => String(event).startsWith('circuit-'));
  const caller = gateway.log[0]?.caller;
  const time = expect.stringMatching(/Z$/);
  const opened = { level: 'warn', event: 'circuit-opened', time, scope: 'account', caller };
  expect(changes()).toEqual([opened]);
  gateway.emulator.clearFaults();
  const isFine = async () => (await lastLine(gateway, list, { headers })).line?.status;
  await expect.poll(isFine).toBe(200);
  expect(changes()).toEqual([
    opened,
    { level: 'info', event: 'circuit-closed', time, scope: 'account', caller },
  ]);
});
