/** Streams an object into S3: in one PUT if the length is known, otherwise in parts. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreWriter } from '../store/object-store.ts';
import { createPartBuffer } from '../store/part-buffer.ts';
import { withTimeout } from '../store/timeout.ts';
import { createHandover } from './handover.ts';
import type { S3Client } from './s3-client.ts';
import { toLengthHeaders, toStored } from './s3-messages.ts';

export interface S3WriterOptions {
  readonly key: string;
  readonly lengthBytes: number | null;
  readonly headers: Readonly<Record<string, string>>;
}

export function createS3Writer(client: S3Client, options: S3WriterOptions): StoreWriter {
  return options.lengthBytes === null
    ? createPartsWriter(client, options)
    : createWholeWriter(client, options);
}

/** Never rejects: the object may not exist, and the lifecycle rule removes leftovers. */
async function remove(client: S3Client, key: string, query: Readonly<Record<string, string>> = {}) {
  await client
    .request({ method: 'DELETE', key, query, expect: [204, 200, 404] })
    .then(({ body }) => body.dump())
    .catch(() => {});
}

/** In milliseconds: a server that stores what arrived of a PUT that broke off does so soon after the connection ended. */
const remnantPausesMs = [50, 150, 300];
const remnantTimeoutMs = 1000;

/** Deletes only a remnant, and before `abort` ends, so that the next write of the same key is safe. Never rejects. */
async function removeRemnant(client: S3Client, key: string): Promise<void> {
  for (const pauseMs of remnantPausesMs) {
    await sleep(pauseMs);
    const signal = AbortSignal.timeout(remnantTimeoutMs);
    const request = { method: 'HEAD', key, retry: 'never', expect: [200, 404], signal } as const;
    const found = await client.request(request).catch(() => null);
    if (!found) return;
    await found.body.dump();
    if (found.statusCode === 200 && toStored(key, found) === null) return await remove(client, key);
  }
}

/** The object appears with its last byte, which is held back until `close`, so that an abort is never too late. */
function createWholeWriter(client: S3Client, { key, lengthBytes, headers }: S3WriterOptions): StoreWriter {
  const { stallMs } = client.limits;
  const aborted = new AbortController();
  const body = createHandover();
  let remainingBytes = lengthBytes ?? 0;
  let lastByte = new Uint8Array();
  const put = client
    .request({
      method: 'PUT',
      key,
      headers: { ...headers, ...toLengthHeaders(lengthBytes ?? 0) },
      body: body.chunks,
      retry: 'never',
      expect: [200],
      signal: aborted.signal,
    })
    .then((response) => response.body.dump())
    .finally(body.end);
  put.catch(() => {});

  function withoutLastByte(chunk: Uint8Array): Uint8Array {
    remainingBytes -= chunk.length;
    if (remainingBytes > 0 || chunk.length === 0) return chunk;
    lastByte = chunk.slice(-1);
    return chunk.subarray(0, -1);
  }

  return {
    // The PUT ends early only if it fails.
    write: (chunk) => withTimeout(stallMs, Promise.race([body.give(withoutLastByte(chunk)), put])),
    async close() {
      const ending = body.give(lastByte).then(body.end);
      await withTimeout(2 * stallMs, Promise.all([ending, put]));
    },
    async abort() {
      aborted.abort();
      body.end();
      await put.catch(() => {});
      await remove(client, key);
      await removeRemnant(client, key);
    },
  };
}

interface PutOptions {
  readonly query: Readonly<Record<string, string>>;
  readonly about: S3WriterOptions['headers'];
}

/** S3 requires 5 MiB or more; fewer and larger parts cost less CPU. */
const partSizeBytes = 8 * 1024 * 1024;

/** Holds one part. An object shorter than one part takes a single PUT. */
function createPartsWriter(client: S3Client, { key, headers }: S3WriterOptions): StoreWriter {
  const buffer = createPartBuffer({ partSizeBytes, send });
  const aborted = new AbortController();
  const { signal } = aborted;
  const etags: string[] = [];
  let upload: Promise<string> | null = null;
  /** The request in flight: S3 may keep a part that arrives after its upload is aborted. */
  let sending: Promise<unknown> = Promise.resolve();

  /** Has no signal: an abort needs the name of the upload. */
  async function begin(): Promise<string> {
    const query = { uploads: '' };
    const { body } = await client.request({ method: 'POST', key, query, headers, expect: [200] });
    const id = /<UploadId>([^<]+)<\/UploadId>/.exec(await body.text())?.[1];
    if (!id) throw new Error('S3 named no upload');
    return id;
  }

  async function put(body: Uint8Array, { query, about }: PutOptions): Promise<string> {
    const length = { 'content-length': String(body.length) };
    const request = { method: 'PUT', key, query, body, expect: [200], signal } as const;
    const response = await client.request({ ...request, headers: { ...about, ...length } });
    await response.body.dump();
    return String(response.headers.etag);
  }

  async function send(part: Uint8Array): Promise<void> {
    upload ??= begin();
    const uploadId = await upload;
    const query = { partNumber: String(etags.length + 1), uploadId };
    const sent = put(part, { query, about: {} });
    sending = sent.catch(() => {});
    etags.push(await sent);
  }

  async function complete(uploadId: string): Promise<void> {
    const parts = etags.map(
      (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
    );
    const { body } = await client.request({
      method: 'POST',
      key,
      query: { uploadId },
      body: `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`,
      retry: 'refused',
      expect: [200],
      signal,
    });
    // S3 sends its status before it has joined the parts.
    if ((await body.text()).includes('<Error>')) throw new Error('S3 could not complete the upload');
  }

  return {
    write: buffer.add,
    async close() {
      const rest = buffer.rest();
      if (!upload) {
        await put(rest, { query: {}, about: { ...headers, ...toLengthHeaders(rest.length) } });
        return;
      }
      if (rest.length > 0) await send(rest);
      await complete(await upload);
    },
    async abort() {
      aborted.abort();
      await sending;
      const uploadId = await upload?.catch(() => null);
      await Promise.all([uploadId && remove(client, key, { uploadId }), remove(client, key)]);
    },
  };
}
