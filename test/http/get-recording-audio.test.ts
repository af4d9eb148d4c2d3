/** A recording's audio as a client gets it. */
import { describe, expect, test } from 'vitest';
import type { AudioFile } from '../emulator/repeating.ts';
import { sids } from '../emulator/seeds.ts';
import { basic, startGateway } from '../support/harness.ts';

const path = `/recordings/${sids.playable}/audio`;

async function expectBytes(response: Response, expected: AudioFile): Promise<void> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(bytes.length).toBe(expected.length);
  // A mismatch shown as a list of numbers would fill the screen.
  expect(Buffer.compare(bytes, expected.slice(0, expected.length))).toBe(0);
}

describe('the audio', () => {
  test.each([
    ['', {}, 'wav', 8000],
    ['?format=mp3', {}, 'mp3', 8000],
    ['?format=.MP3', {}, 'mp3', 8000],
    ['?format=wav', { Accept: 'audio/mpeg' }, 'wav', 8000],
    ['', { Accept: 'audio/mpeg' }, 'mp3', 8000],
    ['', { Accept: 'audio/x-wav;q=0.5, audio/mpeg;q=0.4' }, 'wav', 8000],
    ['', { Accept: 'audio/*;q=0.1, audio/wav;q=0' }, 'mp3', 8000],
    ['?format=mp3&sample_rate=44100', {}, 'mp3', 44_100],
    ['?sample_rate=11025', {}, 'wav', 11_025],
  ] as const)('of %s with %o is %s at %i Hz, byte for byte', async (query, accept, format, rate) => {
    const gateway = await startGateway();
    const headers = { ...basic(gateway.emulator), ...accept };
    const response = await gateway.fetch(path + query, { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe({ wav: 'audio/wav', mp3: 'audio/mpeg' }[format]);
    expect(response.headers.get('Content-Disposition')).toBe(`inline; filename="${sids.playable}.${format}"`);
    expect(response.headers.get('Vary')).toContain('Accept');
    const expected = gateway.emulator.account('page').audio(sids.playable, format, rate);
    expect(response.headers.get('Content-Length')).toBe(String(expected.length));
    await expectBytes(response, expected);
    expect(gateway.emulator.calls).toMatchObject([{ action: 'recording.download', parameters: { format } }]);
  });

  test.each([true, false])('is complete with a length from the legacy service: %s', async (contentLength) => {
    const gateway = await startGateway({ emulator: { audio: { contentLength } } });
    const response = await gateway.fetch(path, { headers: basic(gateway.emulator) });
    const expected = gateway.emulator.account('page').audio(sids.playable, 'wav', 8000);
    expect(response.headers.has('Content-Length')).toBe(contentLength);
    await expectBytes(response, expected);
  });

  test('is an attachment on request', async () => {
    const gateway = await startGateway();
    const response = await gateway.fetch(`${path}?download=true`, { headers: basic(gateway.emulator) });
    expect(response.headers.get('Content-Disposition')).toBe(`attachment; filename="${sids.playable}.wav"`);
    await response.body?.cancel();
  });

  test('is described by HEAD without a download', async () => {
    const gateway = await startGateway();
    const headers = basic(gateway.emulator);
    const response = await gateway.fetch(`/recordings/${sids.hour}/audio`, { method: 'HEAD', headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Length')).toBe(String(60 * 60 * 16_000 + 44));
    expect(response.headers.get('Content-Type')).toBe('audio/wav');
    expect(await response.text()).toBe('');
    await gateway.emulator.idle();
    expect(gateway.emulator.calls[0]?.bytesSent).toBeLessThan(10_000_000);
  });

  test('stops at the legacy service when the client disconnects', async () => {
    const gateway = await startGateway();
    const headers = basic(gateway.emulator);
    const response = await gateway.fetch(`/recordings/${sids.hour}/audio`, { headers });
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await gateway.emulator.idle();
    expect(gateway.emulator.calls).toMatchObject([{ state: 'aborted' }]);
  });

  test('that is processing is a 202 with a Retry-After', async () => {
    const gateway = await startGateway();
    const headers = basic(gateway.emulator);
    const response = await gateway.fetch(`/recordings/${sids.alwaysProcessing}/audio`, { headers });
    expect(response.status).toBe(202);
    expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(await response.json()).toEqual({ status: 'processing', detail: expect.any(String) });
  });

  test.each([
    [sids.unknown, 404, 'recording-not-found'],
    [sids.retrievalFails, 502, 'legacy-failed'],
  ])('of %s is a %i', async (sid, status, slug) => {
    const gateway = await startGateway();
    const response = await gateway.fetch(`/recordings/${sid}/audio`, { headers: basic(gateway.emulator) });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ type: `/problems/${slug}`, status });
  });
});

describe('without a store', () => {
  const date = 'Wed, 20 Feb 2019 20:42:11 GMT';

  test.each([
    [{}, null, null],
    [{ etag: true }, 'W/"wav-8000-64044"', null],
    [{ etag: true, lastModified: true }, 'W/"wav-8000-64044"', date],
  ])('weak validators are made of %o, and clients must not store the audio', async (audio, tag, when) => {
    const gateway = await startGateway({ emulator: { audio } });
    const response = await gateway.fetch(path, { method: 'HEAD', headers: basic(gateway.emulator) });
    expect(response.headers.get('ETag')).toBe(tag);
    expect(response.headers.get('Last-Modified')).toBe(when);
    expect(response.headers.get('Cache-Control')).toBe('private, no-store');
  });

  test.each([
    [{ 'If-None-Match': 'W/"wav-8000-64044"' }, 304],
    // The tag of another format, whatever the legacy service calls it.
    [{ 'If-None-Match': 'W/"mp3-8000-64044"' }, 200],
    [{ 'If-Modified-Since': date }, 304],
    [{ 'If-Unmodified-Since': 'Sun, 06 Nov 1994 08:49:37 GMT' }, 412],
    [{ 'If-Match': 'W/"wav-8000-64044"' }, 412],
    [{ 'If-Match': '*' }, 200],
    [{ Range: 'bytes=0-9', 'If-Range': 'W/"wav-8000-64044"' }, 200],
    [{ Range: 'bytes=0-9', 'If-Range': date }, 200],
    [{ Range: 'bytes=0-9' }, 206],
  ])('%o gets %i, and the legacy connection is closed', async (conditions, status) => {
    const gateway = await startGateway({ emulator: { audio: { etag: true, lastModified: true } } });
    const headers = { ...basic(gateway.emulator), ...conditions };
    const response = await gateway.fetch(path, { headers });
    expect(response.status).toBe(status);
    const sizes: Record<number, number> = { 200: 64_044, 206: 10, 304: 0 };
    const { byteLength } = await response.arrayBuffer();
    expect(sizes[status] ?? byteLength).toBe(byteLength);
    await gateway.emulator.idle();
  });
});
