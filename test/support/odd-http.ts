/** Responses of the legacy service that HTTP forbids, discourages, or allows but few servers send, byte by byte. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

export interface OddResponse {
  readonly name: string;
  /** Written one after the other; a number is a pause in milliseconds. */
  readonly parts: readonly (Uint8Array | string | number)[];
  /** After the parts. By default the request decides. */
  readonly ending?: 'keep' | 'close' | 'reset';
}

const record =
  '<recording><sid>123</sid><dnis>8475551234</dnis><number_connected>3125551265</number_connected><minutes>5.3</minutes><date>2019-02-20 20:42:11</date></recording>';
const body = `<?xml version="1.0"?><response><result>success</result><result_description></result_description><data>${record}</data></response>`;
const size = body.length;
const chunkSize = size.toString(16);
const chunks = `${chunkSize}\r\n${body}\r\n0\r\n\r\n`;
const xml = 'Content-Type: text/xml';
const length = `Content-Length: ${size}`;
const chunked = 'Transfer-Encoding: chunked';

const head = (status: string, ...fields: readonly string[]) => `${[status, ...fields].join('\r\n')}\r\n\r\n`;
const ok = (...fields: readonly string[]) => head('HTTP/1.1 200 OK', xml, ...fields);

function coded(coding: string, bytes: Uint8Array): OddResponse['parts'] {
  return [ok(`Content-Encoding: ${coding}`, `Content-Length: ${bytes.length}`), bytes];
}

const informational = (status: string) => head(`HTTP/1.1 ${status}`);

export const oddResponses: readonly OddResponse[] = [
  { name: '`Content-Length`', parts: [ok(length), body] },
  { name: 'chunked', parts: [ok(chunked), chunks] },
  { name: 'no length, ends with the connection', parts: [ok(), body], ending: 'close' },
  {
    name: 'byte by byte',
    parts: [...`${ok(length)}${body}`].flatMap((byte, at) => (at % 40 ? [byte] : [1, byte])),
  },
  // Lengths.
  { name: '`Content-Length` and chunked', parts: [ok(length, chunked), chunks] },
  { name: 'another `Content-Length` and chunked', parts: [ok('Content-Length: 5', chunked), chunks] },
  {
    name: '`Content-Length` too large, then a close',
    parts: [ok(`Content-Length: ${size + 9}`), body],
    ending: 'close',
  },
  {
    name: '`Content-Length` too large by a line break, then a close',
    parts: [ok(`Content-Length: ${size + 1}`), body],
    ending: 'close',
  },
  { name: '`Content-Length` too small', parts: [ok(`Content-Length: ${size - 9}`), body] },
  { name: '`Content-Length` without the line break at the end', parts: [ok(length), `${body}\r\n`] },
  { name: '`Content-Length` twice, equal', parts: [ok(length, length), body] },
  { name: '`Content-Length` twice, different', parts: [ok(length, 'Content-Length: 5'), body] },
  { name: '`Content-Length` as a list', parts: [ok(`Content-Length: ${size}, ${size}`), body] },
  { name: '`Content-Length` with a sign', parts: [ok(`Content-Length: +${size}`), body] },
  { name: '`Content-Length: -1`', parts: [ok('Content-Length: -1'), body], ending: 'close' },
  { name: 'an empty `Content-Length`', parts: [ok('Content-Length:'), body], ending: 'close' },
  // Chunks.
  { name: 'spaces after a chunk size', parts: [ok(chunked), `${chunkSize}  \r\n${body}\r\n0  \r\n\r\n`] },
  { name: 'zeros before a chunk size', parts: [ok(chunked), `0000${chunkSize}\r\n${body}\r\n0000\r\n\r\n`] },
  {
    name: 'a chunk size in capitals',
    parts: [ok(chunked), chunks.replace(chunkSize, chunkSize.toUpperCase())],
  },
  { name: 'chunk extensions', parts: [ok(chunked), `${chunkSize};a=b;c="d;e"\r\n${body}\r\n0;last\r\n\r\n`] },
  { name: 'chunks with bare line feeds', parts: [ok(chunked), chunks.replaceAll('\r\n', '\n')] },
  { name: 'trailers', parts: [ok(chunked, 'Trailer: X-Sum'), `${chunks.slice(0, -2)}X-Sum: 1\r\n\r\n`] },
  { name: 'an invalid chunk size', parts: [ok(chunked), `x\r\n${body}\r\n0\r\n\r\n`] },
  { name: 'a chunk longer than its size', parts: [ok(chunked), `5\r\n${body}\r\n0\r\n\r\n`] },
  { name: 'no last chunk, then a close', parts: [ok(chunked), chunks.slice(0, -5)], ending: 'close' },
  {
    name: 'no line break after the last chunk, then a close',
    parts: [ok(chunked), chunks.slice(0, -2)],
    ending: 'close',
  },
  {
    name: '`Transfer-Encoding: identity`',
    parts: [ok('Transfer-Encoding: identity', length), body],
    ending: 'close',
  },
  { name: '`Transfer-Encoding: Chunked`', parts: [ok('Transfer-Encoding: Chunked'), chunks] },
  { name: 'chunked twice', parts: [ok(chunked, chunked), chunks] },
  // Unrequested codings.
  { name: 'gzip', parts: coded('gzip', gzipSync(body)) },
  { name: '`x-gzip`', parts: coded('x-gzip', gzipSync(body)) },
  { name: 'br', parts: coded('br', brotliCompressSync(body)) },
  { name: 'deflate', parts: coded('deflate', deflateSync(body)) },
  { name: '`Content-Encoding: identity`', parts: coded('identity', Buffer.from(body)) },
  { name: '`Content-Encoding: UTF-8`', parts: coded('UTF-8', Buffer.from(body)) },
  { name: '`Content-Encoding: gzip` over plain text', parts: coded('gzip', Buffer.from(body)) },
  { name: 'truncated gzip', parts: coded('gzip', gzipSync(body).subarray(0, 60)) },
  // Interim responses.
  { name: '100 Continue first', parts: [informational('100 Continue'), ok(length), body] },
  {
    name: '102 and 103 first',
    parts: [
      informational('102 Processing'),
      head('HTTP/1.1 103 Early Hints', 'Link: </a>'),
      ok(length),
      body,
    ],
  },
  {
    name: '1,000 interim responses first',
    parts: [informational('103 Early Hints').repeat(1000), ok(length), body],
  },
  {
    name: '101 Switching Protocols',
    parts: [head('HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: x'), body],
    ending: 'close',
  },
  // Status lines.
  { name: 'no reason phrase', parts: [head('HTTP/1.1 200', xml, length), body] },
  { name: 'an empty reason phrase', parts: [head('HTTP/1.1 200 ', xml, length), body] },
  { name: 'a reason phrase in UTF-8', parts: [head('HTTP/1.1 200 Großartig', xml, length), body] },
  { name: 'HTTP/1.0', parts: [head('HTTP/1.0 200 OK', xml), body], ending: 'close' },
  { name: 'HTTP/1.0 with chunks', parts: [head('HTTP/1.0 200 OK', xml, chunked), chunks], ending: 'close' },
  { name: 'HTTP/0.9', parts: [body], ending: 'close' },
  { name: 'HTTP/2.0 in the status line', parts: [head('HTTP/2.0 200 OK', xml, length), body] },
  { name: '`http/1.1` in lower case', parts: [head('http/1.1 200 OK', xml, length), body] },
  { name: 'a status of 999', parts: [head('HTTP/1.1 999 Odd', xml, length), body] },
  { name: 'a status of two digits', parts: [head('HTTP/1.1 20 OK', xml, length), body] },
  { name: 'an empty line first', parts: [`\r\n${ok(length)}`, body] },
  // Header fields.
  { name: 'bare line feeds', parts: [ok(length).replaceAll('\r\n', '\n'), body] },
  { name: 'a header of 12 KB', parts: [ok(`X-Long: ${'x'.repeat(12_000)}`, length), body] },
  { name: 'a header of 20 KB', parts: [ok(`X-Long: ${'x'.repeat(20_000)}`, length), body] },
  {
    name: '200 header fields, 20 KB',
    parts: [ok(...Array.from({ length: 200 }, (_, at) => `X-${at}: ${'x'.repeat(90)}`), length), body],
  },
  { name: 'headers of 200 KB', parts: [ok(`X-Long: ${'x'.repeat(200_000)}`, length), body] },
  { name: 'a folded header', parts: [ok('X-Folded: a', ' b', length), body] },
  { name: 'ISO-8859-1 in a header', parts: [Buffer.from(ok('X-Name: caf\u00e9', length), 'latin1'), body] },
  { name: 'a NUL in a header', parts: [ok('X-Nul: a\0b', length), body] },
  { name: 'a space before the colon', parts: [ok('X-Space : a', length), body] },
  { name: 'a line without a colon', parts: [ok('X-Nothing', length), body] },
  { name: 'no `Content-Type`', parts: [head('HTTP/1.1 200 OK', length), body] },
  // Unexpected and missing bodies.
  { name: '204 with a body', parts: [head('HTTP/1.1 204 No Content', xml, length), body] },
  { name: '304', parts: [head('HTTP/1.1 304 Not Modified')] },
  { name: '200 with `Content-Length: 0`', parts: [ok('Content-Length: 0')] },
  // Connections.
  { name: 'a close without `Connection: close`', parts: [ok(length), body], ending: 'close' },
  {
    name: 'a second response on the idle connection',
    parts: [ok(length), body, 5, head('HTTP/1.1 408 Request Timeout', 'Content-Length: 0')],
    ending: 'close',
  },
  { name: 'a close before the first byte', parts: [], ending: 'close' },
  { name: 'a reset before the first byte', parts: [], ending: 'reset' },
  { name: 'a close within the headers', parts: [ok(length).slice(0, 30)], ending: 'close' },
  { name: 'a reset within the body', parts: [ok(length), body.slice(0, 60), 20], ending: 'reset' },
];

export interface OddServer {
  /** Of `ibp_api.php`. */
  readonly url: string;
  /** The response to the next requests, on new connections. */
  use(response: OddResponse): Promise<void>;
  readonly requests: number;
  close(): Promise<void>;
}

/** Resolves when the other side has closed the connection too; one that does not within a second is destroyed. */
async function endAndAwait(socket: Socket): Promise<void> {
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const timer = setTimeout(() => socket.destroy(), 1000);
  socket.end();
  await closed;
  clearTimeout(timer);
}

/** Speaks HTTP over raw sockets: every complete request gets the current response. */
export async function serveOddly(): Promise<OddServer> {
  const sockets = new Set<Socket>();
  let response: OddResponse | undefined;
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    let received = '';
    socket.on('data', async (data) => {
      if (!socket.writable) return;
      received += data.toString('latin1');
      const [head = '', ...rest] = received.split('\r\n\r\n');
      const owed = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (rest.length === 0 || rest.join('\r\n\r\n').length < owed) return;
      received = '';
      requests += 1;
      const isLast = /^connection: close\r?$/im.test(head);
      const { parts, ending = isLast ? 'close' : 'keep' } = response ?? { parts: [] };
      for (const part of parts) {
        if (typeof part === 'number') await new Promise((resolve) => setTimeout(resolve, part));
        else if (socket.writable) socket.write(part);
      }
      if (ending === 'close') socket.end();
      if (ending === 'reset') socket.resetAndDestroy();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/ibp_api.php`,
    async use(next) {
      response = next;
      // A gateway that still took an idle connection for open would send its next request on it.
      await Promise.all(Array.from(sockets, endAndAwait));
    },
    get requests() {
      return requests;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
