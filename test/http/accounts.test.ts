/** One account's failures do not affect another: small versions of past attacks. */
import { describe, expect, test } from 'vitest';
import { startGateway } from '../support/harness.ts';

const env = { LEGACY_METHOD: 'POST' };

const owner = { Authorization: `Basic ${btoa('foofoofoo:foobarfoo')}` };
const attacker = { Authorization: `Basic ${btoa('bbbbbbbb:secretbbb')}` };

const list = '/recordings?type=findme&id=1234';
const empty = `<response><result>failed</result><result_description>No results returned</result_description></response>`;
const broken = `<response><result>failed</result><result_description>Broken</result_description></response>`;
const wav = new Uint8Array([
  ...new TextEncoder().encode('RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0'),
  ...new Array(28).fill(0),
]);

/** Fails for sid 500 and never responds to an upload. Counts calls by action and access key. */
function createLegacy() {
  const calls: string[] = [];
  return {
    calls,
    legacy: async (request: Request) => {
      const form = new URLSearchParams(new TextDecoder().decode(await request.arrayBuffer()));
      calls.push(`${form.get('access_key')} ${form.get('action')}`);
      if (form.get('action') === 'recording.list') return new Response(empty);
      if (form.get('action') === 'recording.upload') {
        return await new Promise<Response>((_resolve, reject) => {
          request.signal.addEventListener('abort', () => reject(request.signal.reason));
        });
      }
      return form.get('sid') === '500'
        ? new Response(broken, { status: 500 })
        : new Response(wav, { headers: { 'Content-Length': String(wav.length) } });
    },
  };
}

const upload = (signal?: AbortSignal): RequestInit => ({
  method: 'POST',
  headers: { ...attacker, 'Content-Type': 'application/json' },
  body: JSON.stringify({ type: 'findme', id: 1, path: 'http://127.0.0.1:9/x.wav' }),
  ...(signal && { signal }),
});

describe('the circuit breaker', () => {
  test("failures at one account's recording lock no other account out", async () => {
    const { legacy, calls } = createLegacy();
    const gateway = await startGateway({ env, legacy });
    await gateway.fetch(list, { headers: owner });
    const statuses: number[] = [];
    for (let count = 0; count < 30; count++) {
      const response = await gateway.fetch('/recordings/500/audio', { headers: attacker });
      await response.text();
      statuses.push(response.status);
      expect((await gateway.fetch(list, { headers: owner })).status).toBe(200);
    }
    expect(statuses).toEqual([...Array(5).fill(502), ...Array(25).fill(503)]);
    expect(calls.filter((call) => call === 'bbbbbbbb recording.download')).toHaveLength(5);
  });

  test('uploads that time out lock no account out, including their own', async () => {
    const { legacy } = createLegacy();
    const gateway = await startGateway({ env: { ...env, LEGACY_UPLOAD_TIMEOUT_MS: '300' }, legacy });
    const uploads = Array.from({ length: 6 }, () => gateway.fetch('/uploads', upload()));
    expect((await Promise.all(uploads)).map(({ status }) => status)).toEqual(Array(6).fill(504));
    for (const headers of [owner, attacker]) {
      expect((await gateway.fetch(list, { headers })).status).toBe(200);
      expect((await gateway.fetch('/recordings/1/audio', { headers })).status).toBe(200);
    }
  });
});

test('uploads that never end hold only their own slots, and leave some to other accounts', async () => {
  const { legacy, calls } = createLegacy();
  const limits = { LEGACY_MAX_CALLS: '4', LEGACY_MAX_STREAMS: '4', LEGACY_MAX_UPLOADS: '4' };
  const deadlines = { LEGACY_UPLOAD_TIMEOUT_MS: '3000', LEGACY_FIRST_BYTE_TIMEOUT_MS: '2000' };
  const gateway = await startGateway({ env: { ...env, ...limits, ...deadlines }, legacy });
  // Verifies the keys first, so that the uploads reach the legacy service.
  await (await gateway.fetch('/recordings/1/audio', { headers: attacker })).arrayBuffer();
  const clients = Array.from({ length: 20 }, () => new AbortController());
  const abandoned = clients.map(({ signal }) => gateway.fetch('/uploads', upload(signal)).catch(() => null));
  await expect.poll(() => calls.filter((call) => call.endsWith('upload')).length).toBe(4);
  for (const client of clients) client.abort();
  for (let count = 0; count < 10; count++) {
    expect((await gateway.fetch(list, { headers: owner })).status).toBe(200);
    const audio = await gateway.fetch('/recordings/1/audio', { headers: owner });
    expect(audio.status).toBe(200);
    await audio.arrayBuffer();
  }
  expect(calls.filter((call) => call.endsWith('upload'))).toHaveLength(4);
  await Promise.all(abandoned);
});
