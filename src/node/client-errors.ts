/** Rejects requests before routing: malformed, oversized or timed out. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { RequestError } from '@hono/node-server';

/** Called with the status of the response. */
export type OnRefused = (status: number) => void;

const titles = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  417: 'Expectation Failed',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
} as const;

type Status = keyof typeof titles;

const statuses: Readonly<Record<string, Status>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/** Node's own responses to these errors have no body. */
export function addClientErrors(server: Server, onRefused: OnRefused): void {
  const ending = new WeakSet<Duplex>();
  server.on('clientError', (error: Error & { code?: string }, socket: Duplex) => {
    if (ending.has(socket)) return;
    const response = answerOn(socket);
    // The fault lies behind a whole request, such as a body longer than declared. The client must learn its outcome.
    if (socket.writable && response?.req.complete) {
      ending.add(socket);
      endAfter(response, socket);
      return;
    }
    // A second status line would appear inside the response that has started.
    if (!socket.writable || response?.headersSent) {
      socket.destroy();
      return;
    }
    // A request that breaks off in its body has reached the application, which logs it.
    refuse(socket, statuses[error.code ?? ''] ?? 400, response ? () => {} : onRefused);
  });
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => refuse(socket, 405, onRefused));
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    onRefused(417);
    response.writeHead(417, { ...headers, Connection: 'close' }).end(toBody(417));
  });
}

/** Closes connections whose client is silent for this long. The application limits how long its response takes. */
export function addSilence(server: Server, silenceMs: number): void {
  server.timeout = silenceMs;
  server.on('timeout', (socket: Socket) => {
    const response = answerOn(socket);
    const isAwaited = response !== null && !response.headersSent && response.req.complete;
    if (!isAwaited) socket.destroy();
  });
}

/** Rejects a well-formed request without a usable URL: `OPTIONS *`, or an invalid host. */
export function refuseTarget(error: unknown, onRefused: OnRefused): Response {
  const status = error instanceof RequestError ? 400 : 500;
  onRefused(status);
  return new Response(toBody(status), { status, headers });
}

export function refuseRequest(onRefused: OnRefused): Response {
  onRefused(400);
  return new Response(toBody(400), { status: 400, headers });
}

const headers = {
  'Content-Type': 'application/problem+json',
  'Cache-Control': 'private, no-store',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
};

function toBody(status: Status): string {
  return JSON.stringify({ type: 'about:blank', title: titles[status], status });
}

function refuse(socket: Duplex, status: Status, onRefused: OnRefused): void {
  onRefused(status);
  const body = toBody(status);
  const fields = { ...headers, 'Content-Length': body.length, Connection: 'close' };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  const allow = status === 405 ? ['Allow: GET, HEAD, POST, DELETE, OPTIONS'] : [];
  socket.end([`HTTP/1.1 ${status} ${titles[status]}`, ...lines, ...allow, '', body].join('\r\n'));
}

/** Closes the connection after the response, and after those of whole requests behind it. */
function endAfter(response: ServerResponse, socket: Duplex): void {
  response.once('finish', () => {
    const next = answerOn(socket);
    if (next?.req.complete) endAfter(next, socket);
    else socket.end();
  });
}

/** The response in progress on a connection; Node's own handler reads the same property. */
function answerOn(socket: Duplex): ServerResponse | null {
  return '_httpMessage' in socket ? (socket._httpMessage as ServerResponse | null) : null;
}
