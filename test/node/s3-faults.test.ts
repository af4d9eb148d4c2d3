/** An S3 server that is slow, rejects, resets or stalls: bounded retries, no upload left open, and no partial object. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { S3Error } from '../../src/node/s3-client.ts';
import { createS3Store } from '../../src/node/s3-store.ts';
import { type S3Fault, type StubRequest, startS3Stub } from '../support/s3-stub.ts';

const patient = { responseMs: 5000, stallMs: 5000, retryMs: 5000, firstPauseMs: 5 };
/** Where the server hangs. */
const impatient = { responseMs: 1000, stallMs: 500, retryMs: 500, firstPauseMs: 5 };
const toLimits = (fault: S3Fault) => (String(fault).startsWith('hang') ? impatient : patient);
const slowDown = { status: 503, code: 'SlowDown' };
const internalError = { status: 500, code: 'InternalError' };
const always = Number.POSITIVE_INFINITY;
const megabyte = 1024 * 1024;

interface Failing {
  readonly fault: S3Fault;
  readonly times: number;
  readonly step?: StubRequest['step'];
}

async function startFailing({ fault, times, step = 'object' }: Failing) {
  let left = times;
  const stub = await startS3Stub({
    fault(request) {
      // The removal of objects afterwards succeeds.
      if (request.step !== step || request.method === 'DELETE' || left <= 0) return null;
      left -= 1;
      return fault;
    },
  });
  const store = createS3Store(stub.config, toLimits(fault));
  onTestFinished(async () => {
    await store.close();
    await stub.close();
  });
  return { stub, store };
}

async function elapsedMs(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work.catch(() => {});
  return performance.now() - startedAt;
}

describe('a small object', () => {
  test.each<[S3Fault, number]>([
    [slowDown, 3],
    [{ status: 429, code: 'TooManyRequests' }, 1],
    [internalError, 3],
    [{ status: 502, code: '' }, 1],
    ['reset', 3],
    ['lost-response', 1],
  ])('is put after %o, %i times', async (fault, times) => {
    const { stub, store } = await startFailing({ fault, times });
    await store.put('key', 'content');
    expect(stub.objects.get('/recordings/key')?.toString()).toBe('content');
    expect(stub.requests).toHaveLength(times + 1);
  });

  test.each<[S3Fault, number]>([
    [slowDown, 4],
    [internalError, 4],
    ['reset', 4],
    [{ status: 403, code: 'AccessDenied' }, 1],
    [{ status: 400, code: 'InvalidRequest' }, 1],
  ])('is given up if %o persists, after %i attempts', async (fault, attempts) => {
    const { stub, store } = await startFailing({ fault, times: always });
    const error = await store.put('key', 'content').catch((cause) => cause);
    if (typeof fault === 'object') expect(error).toMatchObject(fault);
    else expect(error.code).toBe('ECONNRESET');
    expect(stub.requests).toHaveLength(attempts);
  });

  test.each(['head', 'get', 'put', 'list', 'delete'] as const)(
    'is given up in time if the server stalls, in %s',
    async (method) => {
      const stub = await startS3Stub({ fault: () => 'hang' });
      const store = createS3Store(stub.config, { ...impatient, responseMs: 300, retryMs: 200 });
      onTestFinished(async () => {
        await store.close();
        await stub.close();
      });
      const calls = {
        head: () => store.head('key'),
        get: () => store.get('key'),
        put: () => store.put('key', 'content'),
        list: () => store.list('prefix/'),
        delete: () => store.delete(['key']),
      };
      const call = calls[method]();
      expect(await elapsedMs(call)).toBeLessThan(1500);
      await expect(call).rejects.toThrow('in time');
    },
  );

  test('under a condition is retried only if the server did nothing', async () => {
    const refused = await startFailing({ fault: slowDown, times: 2 });
    expect(await refused.store.put('key', 'content', { onlyIf: 'absent' })).not.toBeNull();
    for (const fault of [internalError, 'reset', 'lost-response'] as const) {
      const { stub, store } = await startFailing({ fault, times: 1 });
      await expect(store.put('key', 'content', { onlyIf: 'absent' })).rejects.toThrow();
      expect(stub.requests).toHaveLength(1);
    }
  });
});

const content = Buffer.alloc(20 * megabyte, 'twenty megabytes ');

async function writeAll(store: ReturnType<typeof createS3Store>, lengthBytes: number | null) {
  const writer = store.write('key', { lengthBytes });
  try {
    for (let at = 0; at < content.length; at += megabyte)
      await writer.write(content.subarray(at, at + megabyte));
    await writer.close();
  } catch (cause) {
    await writer.abort();
    throw cause;
  }
}

describe('a stream of unknown length', () => {
  test.each<[StubRequest['step'], S3Fault, number]>([
    ['begin', slowDown, 2],
    ['begin', 'reset', 1],
    ['part', slowDown, 3],
    ['part', internalError, 1],
    ['part', 'reset-midway', 2],
    ['part', 'lost-response', 1],
    ['complete', slowDown, 2],
  ])('is stored completely although %s meets %o, %i times', async (step, fault, times) => {
    const { stub, store } = await startFailing({ step, fault, times });
    await writeAll(store, null);
    expect(stub.objects.get('/recordings/key')?.equals(content)).toBe(true);
    expect(stub.openUploads.size).toBe(0);
  });

  test.each<[StubRequest['step'], S3Fault]>([
    ['begin', slowDown],
    ['begin', 'hang'],
    ['part', slowDown],
    ['part', 'reset-midway'],
    ['part', 'hang-midway'],
    ['part', { status: 507, code: 'InsufficientStorage' }],
    ['complete', internalError],
    ['complete', 'error-in-success'],
    ['complete', 'lost-response'],
    ['complete', 'hang'],
  ])('leaves no object and no open upload if %s always meets %o', async (step, fault) => {
    const { stub, store } = await startFailing({ step, fault, times: always });
    await expect(writeAll(store, null)).rejects.toThrow();
    expect(stub.objects.size).toBe(0);
    expect(stub.openUploads.size).toBe(0);
  });

  test.each(['begin', 'part'] as const)(
    'that is aborted while %s is in flight leaves no open upload',
    async (step) => {
      const { stub, store } = await startFailing({ step, fault: 'hang', times: 1 });
      const writer = store.write('key', { lengthBytes: null });
      const writing = writer.write(content.subarray(0, 9 * megabyte)).catch(() => {});
      await expect.poll(() => stub.requests.map((request) => request.step)).toContain(step);
      expect(await elapsedMs(writer.abort())).toBeLessThan(3000);
      await writing;
      expect(stub.openUploads.size).toBe(0);
      expect(stub.objects.size).toBe(0);
    },
  );
});

test.each<S3Fault>([slowDown, 'reset', 'reset-midway', 'hang', 'hang-midway'])(
  'a stream of known length leaves nothing if %o meets it',
  async (fault) => {
    const { stub, store } = await startFailing({ fault, times: always });
    const writing = writeAll(store, content.length);
    expect(await elapsedMs(writing)).toBeLessThan(4000);
    await expect(writing).rejects.toThrow();
    expect(stub.objects.size).toBe(0);
  },
);

describe('addressing', () => {
  // Every bucket's own host starts with its name; the loopback address is such a host without DNS.
  test.each([
    ['recordings', '/recordings/audio/a%20b%2B%27'],
    ['127.0.0', '/audio/a%20b%2B%27'],
  ])('bucket %s: the path is %s, and the signature covers the host', async (bucket, path) => {
    const stub = await startS3Stub({ bucket });
    const store = createS3Store(stub.config, patient);
    await store.put("audio/a b+'", 'content');
    const port = stub.config.endpoint?.port;
    expect(stub.requests).toEqual([{ method: 'PUT', step: 'object', path, host: `127.0.0.1:${port}` }]);
    expect(await store.head("audio/a b+'")).toMatchObject({ sizeBytes: 7 });
    await store.list('audio/');
    await store.delete(["audio/a b+'"]);
    await store.close();
    await stub.close();
  });

  test('the stub rejects another signature', async () => {
    const stub = await startS3Stub();
    const credentials = { ...stub.config.credentials, secretAccessKey: 'another' };
    const store = createS3Store({ ...stub.config, credentials }, patient);
    await expect(store.put('key', 'content')).rejects.toThrow(new S3Error(403, 'SignatureDoesNotMatch'));
    await store.close();
    await stub.close();
  });
});
