/** Writes an object into S3 while its bytes arrive: in one PUT where the length is known, else part by part. */
import { Readable } from 'node:stream';
import type { StoreWriter } from '../store/object-store.ts';
import { withTimeout } from '../store/timeout.ts';
import type { S3Client } from './s3-client.ts';
import { tolerant } from './streams.ts';

export interface S3WriterOptions {
  readonly key: string;
  readonly lengthBytes: number | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** A server that accepts no bytes for so long is given up. */
const stallMs = 30_000;

export function createS3Writer(client: S3Client, options: S3WriterOptions): StoreWriter {
  return options.lengthBytes === null
    ? createPartsWriter(client, options)
    : createWholeWriter(client, options);
}

/** Never rejects: nothing may be there, and the lifecycle rule removes what is left. */
async function remove(client: S3Client, key: string): Promise<void> {
  await client
    .request({ method: 'DELETE', key, expect: [204, 200, 404] })
    .then(({ body }) => body.dump())
    .catch(() => {});
}

/** The object appears with its last byte, which waits for `close`: an abort is never too late. */
function createWholeWriter(client: S3Client, { key, lengthBytes, headers }: S3WriterOptions): StoreWriter {
  let resume = () => {};
  let remainingBytes = lengthBytes ?? 0;
  let lastByte = new Uint8Array();
  const body = tolerant(
    new Readable({
      highWaterMark: 1024 * 1024,
      read: () => resume(),
      destroy(error, done) {
        resume();
        done(error);
      },
    }),
  );
  const put = client
    .request({
      method: 'PUT',
      key,
      headers: { ...headers, 'content-length': String(lengthBytes) },
      body,
      retry: 'never',
      expect: [200],
    })
    .then((response) => response.body.dump());
  put.catch(() => body.destroy());

  function withoutLastByte(chunk: Uint8Array): Uint8Array {
    remainingBytes -= chunk.length;
    if (remainingBytes > 0 || chunk.length === 0) return chunk;
    lastByte = chunk.slice(-1);
    return chunk.subarray(0, -1);
  }

  /** The PUT ends early only by failing. */
  async function take(chunk: Uint8Array): Promise<void> {
    if (body.destroyed) return await put;
    const bytes = withoutLastByte(chunk);
    if (bytes.length === 0 || body.push(Buffer.from(bytes))) return;
    const drained = new Promise<void>((resolve) => {
      resume = resolve;
    });
    await Promise.race([drained, put]);
  }

  return {
    write: (chunk) => withTimeout(stallMs, take(chunk)),
    async close() {
      if (lastByte.length > 0) body.push(Buffer.from(lastByte));
      body.push(null);
      await withTimeout(2 * stallMs, put);
    },
    async abort() {
      body.destroy(new Error('aborted'));
      await put.catch(() => {});
      await remove(client, key);
    },
  };
}

/** S3 requires 5 MiB or more; fewer and larger parts cost less CPU. */
const partSizeBytes = 8 * 1024 * 1024;

/** Holds one part, whose memory each part uses again. An object shorter than one part takes a single PUT. */
function createPartsWriter(client: S3Client, { key, headers }: S3WriterOptions): StoreWriter {
  const part = Buffer.allocUnsafe(partSizeBytes);
  const etags: string[] = [];
  let uploadId: string | null = null;
  let filled = 0;

  async function begin(): Promise<string> {
    const { body } = await client.request({
      method: 'POST',
      key,
      query: { uploads: '' },
      headers,
      expect: [200],
    });
    const id = /<UploadId>([^<]+)<\/UploadId>/.exec(await body.text())?.[1];
    if (!id) throw new Error('S3 named no upload');
    return id;
  }

  async function send(): Promise<void> {
    uploadId ??= await begin();
    const query = { partNumber: String(etags.length + 1), uploadId };
    const response = await client.request({
      method: 'PUT',
      key,
      query,
      headers: { 'content-length': String(filled) },
      body: part.subarray(0, filled),
      expect: [200],
    });
    await response.body.dump();
    etags.push(String(response.headers.etag));
    filled = 0;
  }

  async function complete(id: string): Promise<void> {
    const parts = etags.map(
      (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
    );
    const { body } = await client.request({
      method: 'POST',
      key,
      query: { uploadId: id },
      body: `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`,
      retry: 'refused',
      expect: [200],
    });
    // S3 commits to the status before it has joined the parts.
    if ((await body.text()).includes('<Error>')) throw new Error('S3 could not complete the upload');
  }

  return {
    async write(chunk) {
      for (let rest = chunk; rest.length > 0; ) {
        const piece = rest.subarray(0, partSizeBytes - filled);
        part.set(piece, filled);
        filled += piece.length;
        rest = rest.subarray(piece.length);
        if (filled === partSizeBytes) await send();
      }
    },
    async close() {
      if (uploadId === null) {
        const body = part.subarray(0, filled);
        const length = { 'content-length': String(filled) };
        const request = {
          method: 'PUT',
          key,
          headers: { ...headers, ...length },
          body,
          expect: [200],
        } as const;
        await (await client.request(request)).body.dump();
        return;
      }
      if (filled > 0) await send();
      await complete(uploadId);
    },
    async abort() {
      if (uploadId !== null) {
        const query = { uploadId };
        await client
          .request({ method: 'DELETE', key, query, expect: [204, 404] })
          .then(({ body }) => body.dump())
          .catch(() => {});
      }
      await remove(client, key);
    },
  };
}
