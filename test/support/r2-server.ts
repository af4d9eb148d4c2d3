/** A store on a socket that speaks the protocol of R2's binding, outside the measured process. */
import { createHash, type Hash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

interface Part {
  readonly file: string;
  readonly size: number;
  readonly md5: string;
}

interface StoredObject {
  readonly key: string;
  readonly parts: readonly Part[];
  readonly size: number;
  readonly etag: string;
  readonly md5: string | undefined;
  readonly uploaded: number;
  readonly fields: Fields;
}

/** Metadata as it was sent. */
interface Fields {
  readonly httpFields?: object;
  readonly customFields?: readonly object[];
}

/** A request of the binding, without the bytes. */
interface Call extends Fields {
  readonly method: string;
  readonly object: string;
  /** For a deletion of several objects. */
  readonly objects?: readonly string[];
  readonly prefix?: string;
  readonly uploadId?: string;
  readonly partNumber?: number;
  readonly range?: { readonly offset?: string; readonly length?: string; readonly suffix?: string };
  readonly onlyIf?: {
    readonly etagDoesNotMatch?: unknown;
    readonly etagMatches?: readonly { readonly value: string }[];
  };
}

export interface R2Server {
  /** Host and port. */
  readonly address: string;
  readonly objects: ReadonlyMap<string, StoredObject>;
  /** Multipart uploads that are neither completed nor aborted. */
  openUploads(): number;
  /** Bytes of objects' content sent since the start. */
  bytesSent(): number;
  /** Breaks the connection of calls of this method after this many bytes of the value. */
  breakAt(method: string, bytes: number): void;
  heal(): void;
  /** Removes all objects. */
  clear(): void;
  close(): Promise<void>;
}

export async function serveR2(): Promise<R2Server> {
  const directory = await mkdtemp(join(tmpdir(), 'r2-'));
  const objects = new Map<string, StoredObject>();
  const uploads = new Map<string, { readonly parts: Map<number, Part>; readonly fields: Fields }>();
  let fault: { method: string; bytes: number } | null = null;
  let bytesSent = 0;

  const server = createServer(async (request, response) => {
    try {
      await answer(request, response);
    } catch {
      request.socket.destroy();
    }
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { call, value } = await readCall(request);
    if (fault?.method === call.method && fault.bytes === 0) throw new Error('broken');
    switch (call.method) {
      case 'put': {
        const part = await keep(call, value);
        if (!holds(call, objects.get(call.object))) return fail(response, 412, 10031);
        return send(response, describe(save(call.object, [part], { md5: part.md5, fields: call })));
      }
      case 'head':
      case 'get':
        return sendObject(call, response);
      case 'delete':
        for (const key of call.objects ?? [call.object]) objects.delete(key);
        return send(response, '');
      case 'list': {
        const found = [...objects.values()].filter(({ key }) => key.startsWith(call.prefix ?? ''));
        const texts = found.map(describe);
        return send(response, `{"objects":[${texts}],"truncated":false,"delimitedPrefixes":[]}`);
      }
      case 'createMultipartUpload': {
        const uploadId = randomUUID();
        uploads.set(uploadId, { parts: new Map(), fields: call });
        return send(response, JSON.stringify({ uploadId }));
      }
      case 'uploadPart': {
        const part = await keep(call, value);
        uploads.get(call.uploadId ?? '')?.parts.set(call.partNumber ?? 0, part);
        return send(response, JSON.stringify({ etag: part.md5 }));
      }
      case 'completeMultipartUpload': {
        const upload = uploads.get(call.uploadId ?? '');
        if (!upload) return fail(response, 404, 10024);
        uploads.delete(call.uploadId ?? '');
        const { parts, fields } = upload;
        const ordered = [...parts].sort(([a], [b]) => a - b).map(([, part]) => part);
        const sizes = new Set(ordered.slice(0, -1).map(({ size }) => size));
        if (sizes.size > 1 || [...sizes].some((size) => size < 5 * 1024 * 1024))
          return fail(response, 400, 10011);
        return send(response, describe(save(call.object, ordered, { md5: undefined, fields })));
      }
      case 'abortMultipartUpload':
        uploads.delete(call.uploadId ?? '');
        return send(response, '');
      default:
        return fail(response, 500, 10001);
    }
  }

  function save(
    key: string,
    parts: readonly Part[],
    { md5, fields }: Pick<StoredObject, 'md5' | 'fields'>,
  ): StoredObject {
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    const object = { key, parts, size, etag: md5 ?? randomUUID(), md5, uploaded: Date.now(), fields };
    objects.set(key, object);
    return object;
  }

  /** Writes to a file, so that neither process holds it in memory. Rejects when the sender breaks off. */
  async function keep(call: Call, value: AsyncIterable<Uint8Array>): Promise<Part> {
    const file = join(directory, randomUUID());
    const target = createWriteStream(file);
    const hash: Hash = createHash('md5');
    let size = 0;
    for await (const chunk of value) {
      size += chunk.length;
      if (fault?.method === call.method && size >= fault.bytes) throw new Error('broken');
      hash.update(chunk);
      if (!target.write(chunk)) await once(target, 'drain');
    }
    target.end();
    await once(target, 'finish');
    return { file, size, md5: hash.digest('hex') };
  }

  async function sendObject({ method, object: key, range }: Call, response: ServerResponse): Promise<void> {
    const object = objects.get(key);
    if (!object) return fail(response, 404, 10007);
    const offset = Number(range?.offset ?? Math.max(0, object.size - Number(range?.suffix ?? object.size)));
    const length = Math.min(Number(range?.length ?? object.size), object.size - offset);
    if (length < 0) return fail(response, 416, 10039);
    const text = JSON.stringify({ ...JSON.parse(describe(object)), range: { offset, length } });
    const size = Buffer.byteLength(text);
    response.writeHead(200, {
      'cf-r2-metadata-size': String(size),
      'content-length': size + (method === 'get' ? length : 0),
    });
    response.write(text);
    if (method === 'head') return void response.end();
    bytesSent += length;
    Readable.from(readParts(object, offset, offset + length), { objectMode: false }).pipe(response);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    openUploads: () => uploads.size,
    bytesSent: () => bytesSent,
    breakAt: (method, bytes) => {
      fault = { method, bytes };
    },
    heal: () => {
      fault = null;
    },
    clear: () => {
      objects.clear();
      uploads.clear();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** A call without a value arrives in a header, one with a value before it. */
async function readCall(request: IncomingMessage): Promise<{ call: Call; value: AsyncIterable<Uint8Array> }> {
  const header = request.headers['cf-r2-request'];
  const body: AsyncIterator<Buffer> = request[Symbol.asyncIterator]();
  if (typeof header === 'string') return { call: JSON.parse(header), value: rest(Buffer.alloc(0), body) };
  const size = Number(request.headers['cf-r2-metadata-size']);
  let start = Buffer.alloc(0);
  while (start.length < size) {
    const { done, value } = await body.next();
    if (done) throw new Error('a call without its end');
    start = Buffer.concat([start, value]);
  }
  return { call: JSON.parse(start.subarray(0, size).toString()), value: rest(start.subarray(size), body) };
}

async function* rest(first: Buffer, body: AsyncIterator<Buffer>): AsyncGenerator<Buffer, void> {
  if (first.length > 0) yield first;
  for (let next = await body.next(); !next.done; next = await body.next()) yield next.value;
}

async function* readParts({ parts }: StoredObject, start: number, end: number): AsyncGenerator<Buffer, void> {
  let at = 0;
  for (const { file, size } of parts) {
    const from = Math.max(0, start - at);
    const to = Math.min(size, end - at);
    if (from < to) yield* createReadStream(file, { start: from, end: to - 1, highWaterMark: 1024 * 1024 });
    at += size;
  }
}

function holds({ onlyIf }: Call, before: StoredObject | undefined): boolean {
  if (onlyIf?.etagDoesNotMatch && before) return false;
  return !onlyIf?.etagMatches || onlyIf.etagMatches.some(({ value }) => value === before?.etag);
}

function describe({ key, size, etag, md5, uploaded, fields }: StoredObject): string {
  const checksums = md5 ? { 0: md5 } : {};
  const { httpFields = {}, customFields = [] } = fields;
  return JSON.stringify({
    ...{ name: key, version: etag, size, etag, uploaded, checksums },
    ...{ httpFields, customFields },
  });
}

function send(response: ServerResponse, text: string): void {
  const size = Buffer.byteLength(text);
  response.writeHead(200, { 'cf-r2-metadata-size': String(size), 'content-length': size }).end(text);
}

function fail(response: ServerResponse, status: number, v4code: number): void {
  const error = JSON.stringify({ version: 1, v4code, message: 'refused' });
  response.writeHead(status, { 'cf-r2-error': error }).end();
}
