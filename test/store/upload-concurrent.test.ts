/** Bodies that arrive slowly: an account has so many at a time, because each takes memory that all accounts share. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { basic } from '../support/harness.ts';
import { clearStore, startUploadGateway } from '../support/upload-gateway.ts';

beforeEach(clearStore);
afterEach(clearStore);

const mp3 = new Uint8Array([0xff, 0xfb, 0x90, 0x64, ...new Uint8Array(413)]);

/** Its first byte arrives at once, and the others on `finish`. */
function createStalled() {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isFirst = true;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (isFirst) {
          isFirst = false;
          return controller.enqueue(mp3.slice(0, 1));
        }
        await promise;
        controller.enqueue(mp3.slice(1));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return { body, finish: resolve };
}

test('an account has 40 bodies on their way, and another account is not affected', async () => {
  const gateway = await startUploadGateway();
  const headers = { 'Content-Type': 'audio/mpeg' };
  // Verifies the keys, so that the bodies are read at once.
  expect((await gateway.upload(mp3, { headers })).status).toBe(201);
  const stalled = Array.from({ length: 40 }, createStalled);
  const uploads = stalled.map(({ body }) => gateway.upload(body, { headers }));
  const ask = async () => {
    const response = await gateway.upload(mp3, { headers });
    return [response.status, response.headers.get('Retry-After'), (await response.json()).type];
  };
  await expect.poll(ask, { timeout: 25_000 }).toEqual([429, '2', '/problems/too-many-requests']);
  const other = { ...headers, ...basic(gateway.emulator, 'north') };
  expect((await gateway.upload(mp3, { headers: other })).status).toBe(201);
  stalled[0]?.finish();
  expect((await uploads[0])?.status).toBe(201);
  expect((await gateway.upload(mp3, { headers })).status).toBe(201);
  for (const { finish } of stalled) finish();
  const statuses = (await Promise.all(uploads)).map(({ status }) => status);
  expect([...new Set(statuses)]).toEqual([201]);
});

test('a rejected body ends with its response', async () => {
  const gateway = await startUploadGateway();
  const ask = (headers: Record<string, string>) => gateway.upload('not audio', { headers });
  for (let count = 0; count < 45; count += 1) {
    expect((await ask({ 'Content-Type': 'audio/mpeg' })).status).toBe(400);
    expect((await ask({ 'Content-Encoding': 'gzip' })).status).toBe(415);
  }
});
