/** S3 servers that keep what arrived of a PUT that broke off: the store neither serves nor leaves it. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createS3Store } from '../../src/node/s3-store.ts';

interface Kept {
  readonly bytes: Buffer;
  readonly headers: IncomingHttpHeaders;
}

/** Stores whatever arrived, a moment after the connection ended, as versitygw does. */
async function start() {
  const objects = new Map<string, Kept>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const kept = objects.get(path);
    if (request.method === 'PUT') {
      const chunks: Buffer[] = [];
      const keep = () => objects.set(path, { bytes: Buffer.concat(chunks), headers: request.headers });
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('error', () => setTimeout(keep, 30));
      request.on('end', () => {
        keep();
        response.setHeader('ETag', '"1"').end();
      });
    } else if (request.method === 'DELETE') {
      objects.delete(path);
      response.writeHead(204).end();
    } else if (!kept) response.writeHead(404).end();
    else {
      const metadata = Object.entries(kept.headers).filter(([name]) => name.startsWith('x-amz-meta-'));
      response.writeHead(200, {
        ...Object.fromEntries(metadata),
        ETag: '"1"',
        'Last-Modified': new Date().toUTCString(),
        'Content-Length': kept.bytes.length,
      });
      response.end(request.method === 'HEAD' ? undefined : kept.bytes);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const store = createS3Store({
    kind: 's3',
    bucket: 'recordings',
    prefix: '',
    endpoint: new URL(`http://127.0.0.1:${port}`),
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: null },
  });
  onTestFinished(async () => {
    await store.close();
    server.closeAllConnections();
    server.close();
  });
  return { store, objects };
}

const piece = new Uint8Array(1_000_000).fill(1);

test('an aborted write leaves nothing', async () => {
  const { store, objects } = await start();
  const writer = store.write('key', { lengthBytes: 5_000_000 });
  await writer.write(piece);
  await writer.abort();
  expect([...objects.keys()]).toEqual([]);
});

test('a complete object is served, without the length that the store adds', async () => {
  const { store } = await start();
  const metadata = { sid: '1' };
  const writer = store.write('key', { lengthBytes: piece.length, metadata });
  await writer.write(piece);
  await writer.close();
  expect(await store.head('key')).toMatchObject({ sizeBytes: piece.length, metadata });
  expect((await store.head('key'))?.metadata).toEqual(metadata);
});

// The short one has arrived with its headers, the long one has not when the store sees that it is a remnant.
test.each([1000, 20_000_000])(
  'a remnant of %i bytes that a killed process left is no object, and is replaced',
  async (sizeBytes) => {
    const { store, objects } = await start();
    const writer = store.write('key', { lengthBytes: sizeBytes });
    await writer.write(new Uint8Array(sizeBytes));
    await writer.close();
    for (const [path, { bytes, headers }] of objects)
      objects.set(path, { bytes: bytes.subarray(1), headers });
    expect(await store.head('key')).toBeNull();
    expect(await store.get('key')).toBeNull();
    await store.put('key', 'whole');
    expect(await new Response((await store.get('key'))?.body).text()).toBe('whole');
  },
);
