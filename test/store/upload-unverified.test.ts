/** Uploads with unverified keys: no byte of them is read or stored, and no replay outlives the keys. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startGateway } from '../support/harness.ts';
import { isWorkerd } from '../support/runtime.ts';
import { clearStore, publicUrl, startUploadGateway, stored } from '../support/upload-gateway.ts';

beforeEach(clearStore);
afterEach(clearStore);

const wrong = (n: number) => ({ Authorization: `Basic ${btoa(`unknown:made-up-${n}`)}` });
const megabyte = 1_000_000;

/** A WAV of a megabyte that counts its reads. */
function createBody() {
  const reads = { count: 0 };
  const head = new TextEncoder().encode('RIFF\0\0\0\0WAVEfmt ');
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        reads.count += 1;
        controller.enqueue(reads.count === 1 ? head : new Uint8Array(megabyte / 10));
        if (reads.count > 10) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return { body, reads };
}

test('thirty concurrent uploads with made-up keys store nothing and are not read', async () => {
  const gateway = await startUploadGateway();
  const bodies = Array.from({ length: 30 }, createBody);
  const largest = { count: 0 };
  const watch = setInterval(async () => {
    largest.count = Math.max(largest.count, (await stored('')).length);
  }, 5);
  const responses = await Promise.all(
    bodies.map(({ body }, n) => gateway.upload(body, { headers: wrong(n) })),
  );
  clearInterval(watch);
  expect([...new Set(responses.map(({ status }) => status))].sort()).toEqual([401, 429]);
  // On a socket, the client's own buffers read slightly ahead of the gateway.
  if (isWorkerd) expect(bodies.map(({ reads }) => reads.count)).toEqual(bodies.map(() => 0));
  expect(largest.count).toBe(0);
  expect(gateway.emulator.calls.length).toBeLessThanOrEqual(20);
});

test('an upload with recently used keys costs one call', async () => {
  const gateway = await startUploadGateway();
  const mp3 = new Uint8Array([0xff, 0xfb, 0x90, 0x64, ...new Uint8Array(413)]);
  const headers = { 'Content-Type': 'audio/mpeg' };
  expect((await gateway.upload(mp3, { headers })).status).toBe(201);
  const before = gateway.emulator.calls.length;
  expect((await gateway.upload(mp3, { headers })).status).toBe(201);
  expect(gateway.emulator.calls.length - before).toBe(1);
});

test.each(['/uploads', '/uploads/audio?type=findme&id=1234'])(
  'the first response to %s is not replayed for keys that were rejected since',
  async (path) => {
    let isKnown = true;
    const legacy = vi.fn(() => {
      const [status, result, text] = isKnown ? [200, 'success', ''] : [401, 'failed', 'Invalid api_key'];
      const xml = `<response><result>${result}</result><result_description>${text}</result_description></response>`;
      return new Response(xml, { status: Number(status), headers: { 'Content-Type': 'text/xml' } });
    });
    const env = { PUBLIC_URL: publicUrl, TOKEN_KEYS: btoa('a key for tests, 32 bytes long..') };
    const gateway = await startGateway({ env, withStore: true, legacy });
    const headers = {
      Authorization: `Basic ${btoa('foofoofoo:foobarfoo')}`,
      'Content-Type': path.includes('audio') ? 'audio/mpeg' : 'application/json',
      'Idempotency-Key': '"one"',
    };
    const body = path.includes('audio')
      ? new Uint8Array([0xff, 0xfb, 0x90, 0x64, ...new Uint8Array(413)])
      : JSON.stringify({ type: 'findme', id: 1, path: '/x.wav' });
    const upload = () => gateway.fetch(path, { method: 'POST', headers, body });
    // A list verifies the keys, because this legacy service's response to the probe is inconclusive.
    const list = () =>
      gateway.fetch('/recordings?type=findme&id=1', { headers: { Authorization: headers.Authorization } });
    await (await list()).arrayBuffer();
    expect([(await upload()).status, (await upload()).status]).toEqual([201, 201]);
    isKnown = false;
    expect((await list()).status).toBe(401);
    expect((await upload()).status).toBe(401);
  },
);
