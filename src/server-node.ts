/** HTTP on Node: a web-standard `fetch` behind `node:http`, with relayed audio piped from socket to socket. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type Duplex, pipeline, Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { rememberSocket } from './client-address-node.ts';
import { nativeReadable } from './legacy/transport-node.ts';

export interface NodeServerOptions {
  readonly fetch: (request: Request) => Response | Promise<Response>;
}

/** The server, not yet listening. A body that breaks midway destroys its connection, so that nobody takes it for whole. */
export function createNodeServer(options: NodeServerOptions): Server {
  const listener = getRequestListener((request, env) => {
    const outgoing = env.outgoing as ServerResponse;
    rememberSocket(request, env.incoming.socket);
    if (request.method === 'HEAD') return answerHead(options, request, outgoing);
    const response = options.fetch(request);
    return response instanceof Promise
      ? response.then((late) => send(late, outgoing))
      : send(response, outgoing);
  });
  const server = createServer(limits, listener);
  server.timeout = silence;
  server.on('clientError', refuse);
  return server;
}

/**
 * What a client may take its time for, in milliseconds, and how much it may say, in bytes. Every body that this entry
 * takes is short.
 */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 32 * 1024,
  // Longer than a proxy in front keeps its own, so that none is closed just when a request is sent.
  keepAliveTimeout: 65_000,
};

/** How long a connection may move nothing while an answer is on its way, in milliseconds. */
const silence = 120_000;

const refusals: Readonly<Record<string, readonly [status: number, title: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
};

/** What is no request of HTTP, or takes too long to become one, never reaches the application. */
function refuse(error: Error & { code?: string }, socket: Duplex): void {
  // Amid an answer, another status line would look like a part of it.
  if (!socket.writable || ('_httpMessage' in socket && socket._httpMessage)) {
    socket.destroy();
    return;
  }
  const [status, title] = refusals[error.code ?? ''] ?? [400, 'Bad Request'];
  const body = JSON.stringify({ type: 'about:blank', title, status });
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${body.length}`,
    'Cache-Control: private, no-store',
    'X-Content-Type-Options: nosniff',
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** A HEAD runs the handler of GET and drops its body; ending the request closes what the handler has opened for it. */
async function answerHead(
  options: NodeServerOptions,
  request: Request,
  outgoing: ServerResponse,
): Promise<Response> {
  const ended = new AbortController();
  outgoing.once('close', () => ended.abort());
  const signal = AbortSignal.any([request.signal, ended.signal]);
  const asked = new Request(request, { signal });
  rememberSocket(asked, outgoing.req.socket);
  const response = await options.fetch(asked);
  await response.body?.cancel();
  return new Response(null, response);
}

// Asked by type: a mere look at `body` makes a small JSON answer cost half as much again.
const streamed = /^(?:audio\/|application\/x-ndjson)/;

function send(response: Response, outgoing: ServerResponse): Response {
  const isStreamed = streamed.test(response.headers.get('content-type') ?? '');
  if (!isStreamed || !response.body) return response;
  const source = nativeReadable(response.body) ?? Readable.fromWeb(response.body as NodeReadableStream);
  outgoing.writeHead(response.status, [...response.headers].flat());
  pipeline(source, outgoing, () => {
    // Whichever side broke, `pipeline` has destroyed the other: there is nobody left to tell.
  });
  return RESPONSE_ALREADY_SENT;
}
