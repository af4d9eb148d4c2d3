/**
 * An S3 server with almost no cost: it discards bodies, keeps each object's length, and honours conditions on small
 * objects.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

interface Kept {
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Larger bodies are not looked at. */
const smallBytes = 64 * 1024;
const objects = new Map<string, Kept>();

async function put(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const {
    'content-length': length = '',
    'if-none-match': ifNoneMatch,
    'if-match': ifMatch,
  } = request.headers;
  const etag = Number(length) > smallBytes ? await discard(request) : toEtag(await buffer(request));
  const found = objects.get(path);
  const isLost = (ifNoneMatch !== undefined && found) || (ifMatch !== undefined && found?.etag !== ifMatch);
  if (isLost) return void response.writeHead(412).end('<Error><Code>PreconditionFailed</Code></Error>');
  const about = Object.entries(request.headers).filter(([name]) => /^x-amz-meta-|^content-/.test(name));
  objects.set(path, {
    etag,
    headers: Object.fromEntries(about.map(([name, value]) => [name, String(value)])),
  });
  response.writeHead(200, { etag }).end();
}

async function discard(request: IncomingMessage): Promise<string> {
  for await (const _chunk of request);
  return '"discarded"';
}

const toEtag = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`;

function describe(path: string, response: ServerResponse): void {
  const found = objects.get(path);
  if (!found) return void response.writeHead(404).end();
  const { etag, headers } = found;
  response.writeHead(200, { ...headers, etag, 'last-modified': new Date().toUTCString() }).end();
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://sink');
  if (request.method === 'PUT') return await put(pathname, request, response);
  await discard(request);
  if (request.method === 'DELETE') {
    objects.delete(pathname);
    response.writeHead(204).end();
  } else if (searchParams.has('uploads')) response.end('<UploadId>upload</UploadId>');
  else if (searchParams.has('list-type')) response.end('<ListBucketResult></ListBucketResult>');
  else if (request.method === 'POST') response.end('<DeleteResult></DeleteResult>');
  else describe(pathname, response);
}

const server = createServer({ highWaterMark: 256 * 1024 }, (request, response) => {
  respond(request, response).catch(() => request.socket.destroy());
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
