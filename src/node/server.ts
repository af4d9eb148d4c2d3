/** HTTP on Node: a web-standard `fetch` behind `node:http`, with relayed audio piped from socket to socket. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { addBodyPace, type BodyPace } from './body-pace.ts';
import { rememberSocket } from './client-address.ts';
import { addClientErrors, addSilence, type OnRefused, refuseRequest, refuseTarget } from './client-errors.ts';
import { streamBufferBytes } from './download-pool.ts';
import { nativeReadable } from './streams.ts';

export interface NodeServerOptions {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Called for each request rejected before it reaches `fetch`. */
  readonly onRefused?: OnRefused;
  readonly patience?: ClientPatience;
}

export interface ClientPatience extends BodyPace {
  /** How long a connection may be idle while a body is read or a response is sent. */
  readonly silenceMs: number;
}

/** The pace of a telephone line of 128 kbit/s. */
const defaultPatience: ClientPatience = { requestMs: 30_000, minBytesPerMs: 16, silenceMs: 120_000 };

/** Not listening yet. A body that fails midway destroys its connection, so that clients do not take it for complete. */
export function createNodeServer(options: NodeServerOptions): Server {
  const { onRefused = () => {}, patience = defaultPatience } = options;
  const listener = getRequestListener(
    (request, env) => {
      const outgoing = env.outgoing as ServerResponse;
      if (hasSeveralHosts(env.incoming.rawHeaders)) return refuseRequest(onRefused);
      rememberSocket(request, env.incoming.socket);
      if (request.method === 'HEAD') return answerHead(options, request, outgoing);
      const response = options.fetch(request);
      return response instanceof Promise
        ? response.then((late) => send(late, outgoing))
        : send(response, outgoing);
    },
    { errorHandler: (error) => refuseTarget(error, onRefused), hostname: unnamed },
  );
  const server = createServer(limits, listener);
  addClientErrors(server, onRefused);
  addSilence(server, patience.silenceMs);
  addBodyPace(server, patience);
  return server;
}

/** HTTP/1.0 has no Host, and probes of load balancers use it. */
const unnamed = 'localhost';

/** Limits on a client's time in milliseconds, and on its request in bytes. */
const limits = {
  // A response to a client that does not read holds one chunk.
  highWaterMark: streamBufferBytes,
  headersTimeout: 10_000,
  // The pace of a body limits its time.
  requestTimeout: 0,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 32 * 1024,
  // Longer than proxies keep idle connections, so that none is closed while a request is being sent.
  keepAliveTimeout: 65_000,
};

/** A HEAD runs the handler of GET and drops its body; ending the request closes the resources that the handler opened. */
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

// Chooses by type: just reading `body` made a small JSON response cost half as much again.
const streamed = /^(?:audio\/|application\/x-ndjson)/;

function send(response: Response, outgoing: ServerResponse): Response {
  splitChallenges(response, outgoing);
  const isStreamed = streamed.test(response.headers.get('content-type') ?? '');
  if (!isStreamed || !response.body) return response;
  const source = nativeReadable(response.body) ?? Readable.fromWeb(response.body as NodeReadableStream);
  outgoing.writeHead(response.status, [...response.headers].flat());
  // Without a length or chunks, only a reset tells an HTTP/1.0 client that the body is cut (RFC 9112, section 8).
  const endsByClose = outgoing.req.httpVersion === '1.0' && !response.headers.has('content-length');
  if (endsByClose) source.once('error', () => outgoing.socket?.resetAndDestroy());
  pipeline(source, outgoing, () => {
    // Whichever side failed, `pipeline` has destroyed the other, so no client remains.
  });
  return RESPONSE_ALREADY_SENT;
}

/** One line each: browsers parse only the first challenge of a line reliably. */
function splitChallenges(response: Response, outgoing: ServerResponse): void {
  if (response.status !== 401) return;
  const challenges = (response.headers.get('WWW-Authenticate') ?? '').split(/, (?=(?:Basic|Bearer) )/);
  if (challenges.length < 2) return;
  response.headers.delete('WWW-Authenticate');
  outgoing.setHeader('WWW-Authenticate', challenges);
}

/** RFC 9112 section 3.2: a request with two Host lines is a 400. Node keeps the first. */
function hasSeveralHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}
