/** Uploads by path, and the responses of a gateway without a store. */
import { describe, expect, test } from 'vitest';
import { basic, startGateway, type TestGateway } from '../support/harness.ts';
import { createJwtIssuer } from '../support/jwt-issuer.ts';

const json = { 'Content-Type': 'application/json; charset=utf-8' };

test.each([
  { type: 'findme', id: 1234, path: '/path/to/audio.wav' },
  { type: 'vmail', id: 7, path: 'https://media.example.com/a.mp3?signature=abc%2Fdef' },
  { type: 'holdmusic', path: 'http://media.example.com:8080/a.wav' },
])('of %o repeats the upload', async (upload) => {
  const wav = new Response(new TextEncoder().encode('RIFF\u0004\u0000\u0000\u0000WAVEdata'));
  const gateway = await startGateway({ emulator: { fetchPath: async () => wav } });
  const response = await gateway.fetch('/uploads', {
    method: 'POST',
    headers: { ...basic(gateway.emulator), ...json },
    body: JSON.stringify(upload),
  });
  expect(response.status).toBe(201);
  expect(response.headers.has('Location')).toBe(false);
  expect(await response.json()).toEqual(upload);
  const { type, path, id } = upload;
  expect(gateway.emulator.calls).toMatchObject([
    { action: 'recording.upload', parameters: { type, path, ...(id !== undefined && { id: String(id) }) } },
  ]);
});

test('an uploaded recording appears in the list', async () => {
  const gateway = await startGateway();
  const headers = basic(gateway.emulator);
  const body = JSON.stringify({ type: 'queue', id: 77, path: '/path/to/audio.wav' });
  await gateway.fetch('/uploads', { method: 'POST', headers: { ...headers, ...json }, body });
  const { recordings } = await (await gateway.fetch('/recordings?type=queue&id=77', { headers })).json();
  expect(recordings).toHaveLength(1);
});

describe("with the gateway's own keys", async () => {
  const issuer = await createJwtIssuer();
  const authorization = async () => ({
    Authorization: `Bearer ${await issuer.sign({ scope: 'uploads:write' })}`,
  });
  const start = () =>
    startGateway({
      env: { ...issuer.env, UPLOAD_PATH_PREFIXES: 'https://media.example.com/uploads,/srv/audio' },
      fetch: issuer.fetch,
      emulator: { fetchPath: async () => new Response('RIFF\u0004\u0000\u0000\u0000WAVEdata') },
    });
  const send = async (gateway: TestGateway, path: string) =>
    gateway.fetch('/uploads', {
      method: 'POST',
      headers: { ...json, ...(await authorization()) },
      body: JSON.stringify({ type: 'findme', id: 1234, path }),
    });

  test.each(['https://media.example.com/uploads/a.wav?signature=abc', '/srv/audio/a.wav'])(
    '%s is uploaded',
    async (path) => {
      const gateway = await start();
      expect((await send(gateway, path)).status).toBe(201);
    },
  );

  test.each([
    'https://media.example.com/other/a.wav',
    'https://media.example.com/uploads/../other/a.wav',
    'https://media.example.com/uploads/%2e%2e/other/a.wav',
    'https://evil.example/uploads/a.wav',
    'http://169.254.169.254/latest/meta-data/',
    '/etc/passwd',
  ])('%s is rejected without a legacy call', async (path) => {
    const gateway = await start();
    const response = await send(gateway, path);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ type: '/problems/upload-path-not-allowed' });
    expect(gateway.emulator.calls).toHaveLength(0);
  });
});

test.each([
  { fault: 'html-page' as const },
  { fault: 'reset-before-answer' as const },
  { fault: 'failed-without-status' as const },
])('the query of a path is in no log and no problem, even after $fault', async ({ fault }) => {
  const gateway = await startGateway();
  gateway.emulator.fault({ name: fault, action: 'recording.upload' });
  const path = 'https://media.example.com/a.wav?X-Signature=do-not-log-me';
  const response = await gateway.fetch('/uploads', {
    method: 'POST',
    headers: { ...basic(gateway.emulator), ...json },
    body: JSON.stringify({ type: 'findme', id: 1234, path }),
  });
  expect(response.ok).toBe(false);
  expect(await response.text()).not.toContain('do-not-log-me');
  expect(JSON.stringify(gateway.log)).not.toContain('do-not-log-me');
});

describe('without a store', () => {
  const audio = {
    path: '/uploads/audio?type=findme&id=1234',
    type: 'audio/wav',
    body: 'RIFF\0\0\0\0WAVEfmt ',
  };
  const place = {
    path: '/uploads',
    type: 'application/json',
    body: JSON.stringify({ type: 'findme', id: 1234, path: '/a.wav' }),
  };
  const send = (gateway: TestGateway, { path, type, body }: typeof audio, headers = {}) =>
    gateway.fetch(path, {
      method: 'POST',
      headers: { ...basic(gateway.emulator), 'Content-Type': type, ...headers },
      body,
    });

  test('bytes are rejected with the variables that the operator must set', async () => {
    const gateway = await startGateway();
    const response = await send(gateway, audio);
    expect(response.status).toBe(501);
    const problem = await response.json();
    expect(problem).toMatchObject({ type: '/problems/upload-staging-not-configured' });
    for (const name of ['STORE', 'PUBLIC_URL', 'TOKEN_KEYS']) expect(problem.detail).toContain(name);
    expect(gateway.emulator.calls).toHaveLength(0);
  });

  test('only missing variables are named', async () => {
    const env = {
      PUBLIC_URL: 'https://gateway.example',
      TOKEN_KEYS: btoa('a key for tests, 32 bytes long..'),
    };
    const gateway = await startGateway({ env });
    const { detail } = await (await send(gateway, audio)).json();
    expect(detail).toContain('STORE');
    expect(detail).not.toMatch(/PUBLIC_URL|TOKEN_KEYS/);
  });

  test('an Idempotency-Key is rejected instead of ignored', async () => {
    const gateway = await startGateway();
    const response = await send(gateway, place, { 'Idempotency-Key': '"a"' });
    expect(response.status).toBe(501);
    expect(await response.json()).toMatchObject({ type: '/problems/idempotency-not-configured' });
    expect(gateway.emulator.calls).toHaveLength(0);
  });

  test('no staged audio exists under any token', async () => {
    const gateway = await startGateway();
    expect((await gateway.fetch('/staged/a.b.c.d.e.wav')).status).toBe(404);
  });
});
