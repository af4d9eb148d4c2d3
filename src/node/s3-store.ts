/** The object store in an S3 bucket: AWS, R2's S3 endpoint, or any server that honours conditional writes. */
import { createHash } from 'node:crypto';
import type { S3Config } from '../config/store.ts';
import type { RangeSpec } from '../http/range.ts';
import {
  type GetOptions,
  type ObjectStore,
  type PutOptions,
  type StoredBody,
  type StoredObject,
  toPart,
} from '../store/object-store.ts';
import { createS3Client, S3Error, type S3Limits } from './s3-client.ts';
import {
  escapeXml,
  toCondition,
  toEtag,
  toHeaders,
  toLengthHeaders,
  toPage,
  toRangeText,
  toStored,
} from './s3-messages.ts';
import { createS3Writer } from './s3-writer.ts';
import { tolerant, toWebStream } from './streams.ts';

export interface S3Store extends ObjectStore {
  close(): Promise<void>;
}

const maxDeletedKeys = 1000;

export function createS3Store(config: S3Config, limits?: S3Limits): S3Store {
  const client = createS3Client(config, limits);
  /** Cached once it has an outcome. */
  let probing: Promise<boolean> | null = null;

  async function head(key: string): Promise<StoredObject | null> {
    const response = await client.request({ method: 'HEAD', key, expect: [200, 404] });
    await response.body.dump();
    return response.statusCode === 404 ? null : toStored(key, response);
  }

  async function get(key: string, { range, ifMatch }: GetOptions = {}): Promise<StoredBody | null> {
    const rangeText = range && toRangeText(range);
    if (range && rangeText === null) return await getNothing(key, range, ifMatch);
    const headers = {
      ...(rangeText && { range: rangeText }),
      ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
    };
    const response = await client.request({ method: 'GET', key, headers, expect: [200, 206, 404, 412, 416] });
    const { statusCode } = response;
    // A body that is destroyed reports that as an error, which would end the process.
    const body = tolerant(response.body);
    if (statusCode === 200 || statusCode === 206) {
      const object = toStored(key, response);
      if (!object) {
        body.destroy();
        return null;
      }
      const part = toPart(range, object.sizeBytes);
      if (statusCode === 200 && part.end - part.start !== object.sizeBytes) {
        body.destroy();
        throw new Error('the S3 server ignores Range');
      }
      return { ...object, range: part, body: toWebStream(body) };
    }
    const text = await body.text();
    if (statusCode === 404) assertBucket(text);
    return statusCode === 416 && range ? await getNothing(key, range, ifMatch) : null;
  }

  /** For a range past the end: a 416 does not tell the object's length. */
  async function getNothing(key: string, range: RangeSpec, ifMatch?: string): Promise<StoredBody | null> {
    const object = await head(key);
    if (!object || (ifMatch !== undefined && object.etag !== ifMatch)) return null;
    const part = toPart(range, object.sizeBytes);
    if (part.start < part.end)
      return await get(key, { range: { first: part.start, last: part.end - 1 }, ifMatch: object.etag });
    return { ...object, range: part, body: new Blob([]).stream() };
  }

  async function put(key: string, body: Uint8Array | string, options: PutOptions = {}) {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const response = await client.request({
      method: 'PUT',
      key,
      headers: { ...toHeaders(options), ...toCondition(options), ...toLengthHeaders(bytes.length) },
      body: bytes,
      // A retry would find its own first attempt's object and take it for another writer's.
      retry: options.onlyIf === undefined ? 'any' : 'refused',
      expect: options.onlyIf === undefined ? [200] : [200, 404, 409, 412],
    });
    if (response.statusCode !== 200) {
      assertBucket(await response.body.text());
      return null;
    }
    await response.body.dump();
    const { contentType = null, metadata = {} } = options;
    const etag = toEtag(response);
    return { key, sizeBytes: bytes.length, etag, uploaded: new Date(), contentType, metadata };
  }

  async function list(prefix: string, cursor?: string) {
    const query = {
      'list-type': '2',
      prefix: config.prefix + prefix,
      ...(cursor !== undefined && { 'start-after': config.prefix + cursor }),
    };
    const { body } = await client.request({ method: 'GET', key: null, query, expect: [200] });
    return toPage(await body.text(), config.prefix);
  }

  async function deleteMany(keys: readonly string[]): Promise<void> {
    const objects = keys.map((key) => `<Object><Key>${escapeXml(config.prefix + key)}</Key></Object>`);
    const text = `<Delete><Quiet>true</Quiet>${objects.join('')}</Delete>`;
    const headers = { 'content-md5': createHash('md5').update(text).digest('base64') };
    const { body } = await client.request({
      method: 'POST',
      key: null,
      query: { delete: '' },
      headers,
      body: text,
      expect: [200],
    });
    const code = /<Error>.*?<Code>(\w+)<\/Code>/s.exec(await body.text())?.[1];
    if (code !== undefined) throw new S3Error(200, code);
  }

  /** Tests conditional writes: a create and an update that succeed, each followed by one that must fail. */
  async function probe(): Promise<boolean> {
    const key = `probe/${crypto.randomUUID()}`;
    try {
      const created = await put(key, '1', { onlyIf: 'absent' });
      const again = await put(key, '2', { onlyIf: 'absent' });
      const updated = created && (await put(key, '3', { onlyIf: { etag: created.etag } }));
      const stale = created && (await put(key, '4', { onlyIf: { etag: created.etag } }));
      return created !== null && again === null && updated !== null && stale === null;
    } finally {
      await client
        .request({ method: 'DELETE', key, expect: [200, 204, 404] })
        .then(({ body }) => body.dump())
        .catch(() => {});
    }
  }

  return {
    head,
    get,
    put,
    write: (key, { lengthBytes, ...attributes }) =>
      createS3Writer(client, { key, lengthBytes, headers: toHeaders(attributes) }),
    list,
    async delete(keys) {
      for (let at = 0; at < keys.length; at += maxDeletedKeys)
        await deleteMany(keys.slice(at, at + maxDeletedKeys));
    },
    honoursConditions() {
      probing ??= probe();
      probing.catch(() => {
        probing = null;
      });
      return probing;
    },
    close: client.close,
  };
}

/** A 404 may mean the bucket instead of the object. Responses to HEAD do not tell. */
function assertBucket(text: string): void {
  if (text.includes('<Code>NoSuchBucket</Code>')) throw new S3Error(404, 'NoSuchBucket');
}
