/** Bytes that are fetched only to reach a range are counted and limited per caller. */
import { expect, test } from 'vitest';
import { startGateway } from '../support/harness.ts';

const env = { LEGACY_METHOD: 'POST' };
const owner = { Authorization: `Basic ${btoa('foofoofoo:foobarfoo')}` };
const other = { Authorization: `Basic ${btoa('bbbbbbbb:secretbbb')}` };

/** In bytes. */
const length = 400_000_000;
const piece = new Uint8Array(1_000_000);
const head = new TextEncoder().encode('RIFF\x24\0\0\0WAVEfmt \x10\0\0\0');

/** A recording that the legacy service sends whole, whatever `Range` says. */
function respond(): Response {
  let sent = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = piece.slice();
      if (sent === 0) chunk.set(head);
      sent += chunk.length;
      controller.enqueue(chunk);
      if (sent === length) controller.close();
    },
  });
  return new Response(stream, { headers: { 'Content-Length': String(length) } });
}

test('one byte far into a recording: the log counts its cost, and the fourth is a 429', {
  timeout: 60_000,
}, async () => {
  const gateway = await startGateway({ env, legacy: respond });
  const ask = (headers: Record<string, string>) =>
    gateway.fetch('/recordings/1/audio', { headers: { ...headers, Range: `bytes=${length - 1}-` } });
  for (let count = 0; count < 3; count++) {
    const response = await ask(owner);
    expect(response.status).toBe(206);
    expect((await response.arrayBuffer()).byteLength).toBe(1);
  }
  const rejected = await ask(owner);
  expect(rejected.status).toBe(429);
  expect(Number(rejected.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect(await rejected.json()).toMatchObject({ type: '/problems/too-many-requests' });
  const response = await ask(other);
  expect(response.status).toBe(206);
  await response.arrayBuffer();
  await expect.poll(() => gateway.log.length).toBe(5);
  for (const event of gateway.log.slice(0, 3)) {
    const { bytes, skipped_bytes } = event.legacy as { bytes: number; skipped_bytes: number };
    expect(bytes).toBeGreaterThanOrEqual(length);
    expect(bytes - skipped_bytes).toBeLessThan(2_100_000);
  }
});
