/**
 * A gateway with a failing S3 server: audio plays from the legacy service, uploads and deletions are clear problems,
 * and the log names the cause.
 */
import { describe, expect, onTestFinished, test } from 'vitest';
import { createS3Store } from '../../src/node/s3-store.ts';
import { createAudio } from '../emulator/audio.ts';
import { sids } from '../emulator/seeds.ts';
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts';
import { basic } from '../support/harness.ts';
import { type S3Fault, type S3StubOptions, startS3Stub } from '../support/s3-stub.ts';
import { startUploadGateway, uploadCalls } from '../support/upload-gateway.ts';

/** A server that hangs fails before the store's circuit opens; another one may be as slow as a busy machine. */
const toLimits = (fault: S3Fault) => {
  const limitMs = fault === 'hang' ? 400 : 10_000;
  return { responseMs: limitMs, stallMs: limitMs, retryMs: 200, firstPauseMs: 5 };
};
const wav = createAudio('wav', { seed: 's3', rate: 8000, seconds: 2 }).slice();
const path = '/recordings/0907065723240097';

async function startBroken(fault: S3Fault) {
  const stub = await startS3Stub({ fault: () => fault });
  const store = createS3Store(stub.config, toLimits(fault));
  onTestFinished(async () => {
    await store.close();
    await stub.close();
  });
  return { stub, gateway: await startUploadGateway({ store }) };
}

// A response to HEAD has no body, and so no code.
describe.each<[S3Fault, RegExp]>([
  [{ status: 503, code: 'SlowDown' }, /^S3Error 503(?: SlowDown)?$/],
  [{ status: 500, code: 'InternalError' }, /^S3Error 500(?: InternalError)?$/],
  [{ status: 403, code: 'AccessDenied' }, /^S3Error 403(?: AccessDenied)?$/],
  [{ status: 404, code: 'NoSuchBucket' }, /^S3Error 404(?: NoSuchBucket)?$/],
  ['reset', /^Error ECONNRESET$/],
  ['hang', /^\w*TimeoutError/],
])('if S3 meets every request with %o', (fault, error) => {
  test('audio plays completely, and a line names the cause', async () => {
    const { gateway } = await startBroken(fault);
    const response = await gateway.fetch(`${path}/audio`, { headers: basic(gateway.emulator) });
    expect(response.status).toBe(200);
    const bytes = await response.arrayBuffer();
    expect(bytes.byteLength).toBe(Number(response.headers.get('Content-Length')));
    await expect
      .poll(() => gateway.log)
      .toContainEqual({
        level: 'warn',
        event: 'audio-store-failed',
        time: expect.stringMatching(/Z$/),
        request_id: expect.any(String),
        error: expect.stringMatching(error),
      });
  });

  test.each([undefined, '"a key"'])(
    'an upload under the key %s is a 503 without a legacy call',
    async (key) => {
      const { gateway } = await startBroken(fault);
      const response = await gateway.upload(wav, { headers: key ? { 'Idempotency-Key': key } : undefined });
      expect(response.status).toBe(503);
      expect(response.headers.get('Retry-After')).toBe('5');
      const { type, detail, request_id } = await response.json();
      expect({ type, detail }).toMatchObject({
        type: '/problems/store-unavailable',
        detail: expect.stringContaining('nothing was uploaded'),
      });
      expect(uploadCalls(gateway)).toHaveLength(0);
      const failures = gateway.log.filter(({ event }) => event === 'store-failed');
      expect(failures).toEqual([
        { level: 'warn', event: 'store-failed', request_id, error: expect.stringMatching(error) },
      ]);
    },
  );

  test('a deletion is a 503 that says so', async () => {
    const { gateway } = await startBroken(fault);
    const init = { method: 'DELETE', headers: basic(gateway.emulator) };
    const response = await gateway.fetch(path, init);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ type: '/problems/store-unavailable' });
  });
});

describe.each<[string, S3Fault, string]>([
  ['revokes the key', { status: 403, code: 'InvalidAccessKeyId' }, 'S3Error 403'],
  ['loses the bucket', { status: 404, code: 'NoSuchBucket' }, 'S3Error 404'],
  ['accepts requests and does not respond', 'hang', 'TimeoutError'],
])('a server that %s while the gateway runs', (_name, loss, error) => {
  test('is named in problems and in the log, and serves again once it is back', async () => {
    let fault: S3Fault | null = null;
    const stub = await startS3Stub({ fault: () => fault });
    const store = createS3Store(stub.config, toLimits(loss));
    onTestFinished(async () => {
      await store.close();
      await stub.close();
    });
    const gateway = await startUploadGateway({ store });
    const headers = basic(gateway.emulator);
    const upload = () => gateway.upload(wav, { headers: { 'Idempotency-Key': '"a key"' } });
    const remove = () => gateway.fetch(`/recordings/${sids.listed[0]}`, { method: 'DELETE', headers });
    async function readTag() {
      const response = await gateway.fetch(`${path}/audio`, { headers });
      expect(response.status).toBe(200);
      const { byteLength } = await response.arrayBuffer();
      expect(byteLength).toBe(Number(response.headers.get('Content-Length')));
      return response.headers.get('ETag');
    }
    await expect.poll(readTag).toMatch(/^"/);

    fault = loss;
    expect(await readTag()).toBeNull();
    for (const ask of [upload, remove]) {
      const problem = await (await ask()).json();
      expect(problem).toMatchObject({
        type: '/problems/store-unavailable',
        detail: expect.stringContaining("gateway's store"),
      });
      const line = gateway.log.find(
        ({ request_id, event }) => event === 'store-failed' && request_id === problem.request_id,
      );
      expect(line).toMatchObject({ level: 'warn', error: expect.stringContaining(error) });
    }
    await expect
      .poll(() => gateway.log)
      .toContainEqual(
        expect.objectContaining({
          event: 'audio-store-failed',
          request_id: expect.any(String),
          error: expect.stringContaining(error),
        }),
      );
    expect(uploadCalls(gateway)).toHaveLength(0);

    fault = null;
    expect(await readTag()).toMatch(/^"/);
    for (let round = 0; round < 2; round += 1) expect((await upload()).status).toBe(201);
    expect(uploadCalls(gateway)).toHaveLength(1);
    // The legacy service removed the recording the first time.
    expect((await remove()).status).toBe(404);
  });
});

test('a server that accepts connections and stays silent delays the first play, and not the second', async () => {
  const stub = await startS3Stub({ fault: () => 'hang' });
  const store = createS3Store(stub.config);
  const gateway = await startUploadGateway({ store });
  onTestFinished(async () => {
    await store.close();
    await stub.close();
  });
  const headers = basic(gateway.emulator);
  const play = async () => (await gateway.fetch(`${path}/audio`, { headers })).arrayBuffer();
  await play();
  await expect
    .poll(() => gateway.log)
    .toContainEqual(expect.objectContaining({ event: 'circuit-opened', scope: 'store' }));
  for (let count = 0; count < 3; count += 1) await play();
  const upload = await gateway.upload(wav);
  expect([upload.status, Number(upload.headers.get('Retry-After'))]).toEqual([503, expect.any(Number)]);
  // The reads of the first play are repeated behind it.
  const others = stub.requests.filter(({ path }) => !/\/(audio|tombstones)\//.test(path));
  expect(others).toEqual([]);
  const durations = gateway.log.flatMap(({ event, operation, ttfb_ms }) =>
    event === 'request' && operation === 'getRecordingAudio' ? [Number(ttfb_ms)] : [],
  );
  expect(durations[0]).toBeGreaterThan(4900);
  for (const durationMs of durations.slice(1)) expect(durationMs).toBeLessThan(4900);
});

describe('a server at start', () => {
  async function startProcessOn(options: S3StubOptions): Promise<GatewayProcess> {
    const { config, close } = await startS3Stub(options);
    onTestFinished(close);
    const { accessKeyId, secretAccessKey, sessionToken } = config.credentials;
    const gateway = await startProcess({
      LEGACY_API_URL: 'http://127.0.0.1:1/ibp_api.php',
      PUBLIC_URL: 'https://gateway.example',
      TOKEN_KEYS: btoa('a key for tests, 32 bytes long..'),
      UI: 'off',
      STORE: `s3://${config.bucket}`,
      S3_ENDPOINT: config.endpoint?.href ?? '',
      S3_REGION: config.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken ?? '',
    });
    onTestFinished(() => void gateway.stop('SIGKILL'));
    return gateway;
  }

  test('that does not respond at start delays it by five seconds, without its retries', async () => {
    const gateway = await startProcessOn({ fault: () => 'hang' });
    const unreachable = gateway.lines.find((line) => line.includes('"store-unreachable"'));
    // The time limit of the start, and not the one of the S3 client.
    expect(unreachable).toContain('"error":"too slow"');
  });

  test.each([
    [true, 501],
    [false, 502],
  ])(
    'that ignores conditions (%s): an upload under an Idempotency-Key is a %i',
    async (ignoresConditions, status) => {
      const gateway = await startProcessOn({ ignoresConditions });
      const response = await fetch(`${gateway.url}/uploads/audio?type=findme&id=1234`, {
        method: 'POST',
        headers: {
          Authorization: `Basic ${btoa('a:b')}`,
          'Content-Type': 'audio/wav',
          'Idempotency-Key': '"k"',
        },
        body: wav,
      });
      expect(response.status).toBe(status);
      const problem = await response.json();
      const lines = () => gateway.lines.join('\n');
      if (!ignoresConditions) return expect(lines()).not.toContain('store-ignores-conditions');
      await expect.poll(lines).toContain('"level":"warn","event":"store-ignores-conditions"}');
      expect(problem).toMatchObject({
        type: '/problems/idempotency-not-configured',
        detail: expect.stringContaining('ignores conditional writes'),
      });
    },
  );
});
