/** Paths of uploads: long ones are accepted, and the legacy service gets the spelling that was checked. */
import { expect, test } from 'vitest';
import { basic, startGateway } from '../support/harness.ts';
import { wavOf } from '../support/wav-files.ts';

async function upload(path: string) {
  const gateway = await startGateway({
    env: { LEGACY_METHOD: 'POST' },
    emulator: { fetchPath: async () => new Response(wavOf()) },
  });
  const response = await gateway.fetch('/uploads', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...basic(gateway.emulator) },
    body: JSON.stringify({ type: 'findme', id: 1234, path }),
  });
  return { response, body: await response.json(), calls: gateway.emulator.calls };
}

test.each([
  ['HTTPS://Media.Example.com:443/a.wav', 'https://media.example.com/a.wav'],
  ['https://media.example.com/通話.wav?x="1"', 'https://media.example.com/%E9%80%9A%E8%A9%B1.wav?x=%221%22'],
  ['http://0x7f.1/a.wav', 'http://127.0.0.1/a.wav'],
  ['http://[::0:1]:8000/a.wav', 'http://[::1]:8000/a.wav'],
  ['https://media.example.com/a/../b.wav?s=abc%2Fdef', 'https://media.example.com/b.wav?s=abc%2Fdef'],
  ['/path/to/ä;b.wav', '/path/to/ä;b.wav'],
])('%s reaches the legacy service as %s', async (path, sent) => {
  const { response, body, calls } = await upload(path);
  expect(response.status).toBe(201);
  expect(body).toMatchObject({ path });
  expect(calls).toMatchObject([{ parameters: { path: sent } }]);
});

test.each([
  ['a', 8000, 201],
  ['é', 7900, 201],
  ['a', 8001, 400],
])('a presigned path of %j, %i characters long, is a %i', async (char, length, status) => {
  const path = 'https://media.example.com/a.wav?X-Amz-Security-Token='.padEnd(length, char);
  expect((await upload(path)).response.status).toBe(status);
});

test.each([
  'https://ⓜedia.example.com/a.wav',
  'https://media.example。com/a.wav',
  'https://media.exam\u00adple.com/a.wav',
  'https://bücher.example/a.wav',
  'https://%6dedia.example.com/a.wav',
])('%s is rejected: its host is not written in ASCII', async (path) => {
  const { response, body, calls } = await upload(path);
  expect(response.status).toBe(400);
  expect(body).toMatchObject({ errors: [{ pointer: '/path', detail: expect.stringContaining('ASCII') }] });
  expect(calls).toHaveLength(0);
});
