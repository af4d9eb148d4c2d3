/** Uploads that name a place. */
import { expect, test } from 'vitest';
import { basic, startGateway } from './harness.ts';

const json = { 'Content-Type': 'application/json; charset=utf-8' };

test.each([
  { type: 'findme', id: 1234, path: '/path/to/audio.wav' },
  { type: 'vmail', id: 7, path: 'https://media.example.com/a.mp3?signature=abc%2Fdef' },
  { type: 'holdmusic', path: 'http://media.example.com:8080/a.wav' },
])('of %o repeats what was uploaded', async (upload) => {
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
