/**
 * An S3 server in memory that checks signatures and fails as configured; it may ignore conditions, as some servers
 * do.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { AwsV4Signer } from 'aws4fetch';
import type { S3Config } from '../../src/config/store.ts';

/** `midway`: after the first bytes of the body. `lost-response`: the server did the work. */
export type S3Fault =
  | { readonly status: number; readonly code: string }
  | 'reset'
  | 'reset-midway'
  | 'hang'
  | 'hang-midway'
  | 'lost-response'
  | 'error-in-success';

export interface StubRequest {
  readonly method: string;
  /** `begin`, `part`, `complete` and `abort` belong to a multipart upload. */
  readonly step: 'object' | 'begin' | 'part' | 'complete' | 'abort' | 'list' | 'delete-many';
  readonly path: string;
  readonly host: string;
}

export interface S3StubOptions {
  readonly bucket?: string;
  readonly ignoresConditions?: boolean;
  readonly fault?: (request: StubRequest) => S3Fault | null;
}

export interface S3Stub {
  readonly config: S3Config;
  readonly objects: ReadonlyMap<string, Buffer>;
  /** Multipart uploads that are neither complete nor aborted. */
  readonly openUploads: ReadonlyMap<string, readonly Buffer[]>;
  readonly requests: readonly StubRequest[];
  close(): Promise<void>;
}

const credentials = { accessKeyId: 'testkey', secretAccessKey: 'testsecret', sessionToken: 'testsession' };
const region = 'eu-central-1';

/** A bucket whose name starts the endpoint's host is addressed by its host. */
export async function startS3Stub(options: S3StubOptions = {}): Promise<S3Stub> {
  const { bucket = 'recordings', ignoresConditions = false, fault = () => null } = options;
  const objects = new Map<string, Buffer>();
  /** Metadata of objects that one PUT has stored. */
  const metadata = new Map<string, IncomingMessage['headers']>();
  const openUploads = new Map<string, Buffer[]>();
  const requests: StubRequest[] = [];

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://stub');
    const method = request.method ?? '';
    const about = { method, step: toStep(method, url), path: url.pathname, host: request.headers.host ?? '' };
    requests.push(about);
    const failure = fault(about);
    const { socket } = request;
    if (failure === 'hang') return;
    if (failure === 'reset') socket.resetAndDestroy();
    else if (failure === 'reset-midway') request.once('data', () => socket.resetAndDestroy());
    else if (failure === 'hang-midway') request.once('data', () => request.pause());
    else {
      const body = await buffer(request);
      const isUnsigned = !(await isSigned(request));
      const served = { step: about.step, method, url, request, response, body };
      if (failure === 'lost-response') {
        serve({ ...served, response: new ServerResponse(request) });
        socket.resetAndDestroy();
      } else {
        const refusal = isUnsigned ? { status: 403, code: 'SignatureDoesNotMatch' } : failure;
        fail(response, refusal ?? serve(served));
      }
    }
  }

  function serve({ step, method, url, request, response, body }: Served): S3Fault | null {
    const key = decodeURIComponent(url.pathname);
    const id = url.searchParams.get('uploadId') ?? '';
    if (step === 'begin') {
      const name = randomUUID();
      openUploads.set(name, []);
      response.end(`<UploadId>${name}</UploadId>`);
    } else if (step === 'list') response.end('<ListBucketResult></ListBucketResult>');
    else if (step === 'delete-many') response.end('<DeleteResult></DeleteResult>');
    else if (step === 'object') return serveObject({ step, method, url, request, response, body });
    else {
      const parts = openUploads.get(id);
      if (!parts) return { status: 404, code: 'NoSuchUpload' };
      if (step === 'part') parts[Number(url.searchParams.get('partNumber')) - 1] = body;
      if (step === 'complete') objects.set(key, Buffer.concat(parts));
      if (step !== 'part') openUploads.delete(id);
      response.setHeader('etag', toEtag(body)).end();
    }
    return null;
  }

  function serveObject({ method, url, request, response, body }: Served): S3Fault | null {
    const key = decodeURIComponent(url.pathname);
    const current = objects.get(key);
    if (method === 'DELETE') objects.delete(key);
    else if (method === 'PUT') {
      const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
      const isOther = ifMatch !== undefined && (!current || toEtag(current) !== ifMatch);
      const isLost = isOther || (ifNoneMatch === '*' && current !== undefined);
      if (isLost && !ignoresConditions) return { status: 412, code: 'PreconditionFailed' };
      objects.set(key, body);
      metadata.set(key, toMetadata(request));
      response.setHeader('etag', toEtag(body));
    } else if (!current) return { status: 404, code: 'NoSuchKey' };
    else {
      response.setHeader('etag', toEtag(current));
      response.setHeader('last-modified', new Date().toUTCString());
      response.setHeader('content-length', current.length);
      for (const [name, value = ''] of Object.entries(metadata.get(key) ?? {}))
        response.setHeader(name, value);
      if (method === 'GET') response.write(current);
    }
    response.end();
    return null;
  }

  const server = createServer((request, response) => {
    request.on('error', () => {});
    response.on('error', () => {});
    respond(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    config: { kind: 's3', bucket, prefix: '', endpoint, region, credentials },
    objects,
    openUploads,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Served {
  readonly step: StubRequest['step'];
  readonly method: string;
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
}

function toStep(method: string, { searchParams }: URL): StubRequest['step'] {
  if (searchParams.has('uploads')) return 'begin';
  if (searchParams.has('list-type')) return 'list';
  if (searchParams.has('delete')) return 'delete-many';
  if (!searchParams.has('uploadId')) return 'object';
  if (method === 'PUT') return 'part';
  return method === 'POST' ? 'complete' : 'abort';
}

function fail(response: ServerResponse, fault: S3Fault | null): void {
  if (fault === 'error-in-success') response.end('<Error><Code>InternalError</Code></Error>');
  if (fault === null || typeof fault === 'string') return;
  response.writeHead(fault.status).end(`<Error><Code>${fault.code}</Code></Error>`);
}

function toMetadata({ headers }: IncomingMessage): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-')));
}

const toEtag = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`;

/** Covers the host and the path that arrived. */
async function isSigned({ method = '', url, headers }: IncomingMessage): Promise<boolean> {
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
  const signed = names.filter((name) => name !== 'host').map((name) => [name, String(headers[name])]);
  const { accessKeyId, secretAccessKey } = credentials;
  const signer = new AwsV4Signer({
    method,
    url: `http://${headers.host}${url}`,
    headers: Object.fromEntries(signed),
    accessKeyId,
    secretAccessKey,
    service: 's3',
    region,
    datetime: String(headers['x-amz-date']),
    allHeaders: true,
  });
  const expected = (await signer.sign()).headers.get('authorization');
  const isOurSession = headers['x-amz-security-token'] === credentials.sessionToken;
  return names.includes('host') && isOurSession && expected === headers.authorization;
}
