/** Faults in HTTP itself that a response object cannot express. */
import type { Answer } from '../answer.ts';
import { type Chunks, collect, concat, encode } from '../bytes.ts';
import { ConnectionBroken } from '../connection.ts';
import { all, type Fault, type FaultContext } from './fault.ts';

/** Raw text instead of a response, then the end; in memory, a broken connection. */
function raw(description: string, text: string): Fault {
  return {
    description,
    actions: all,
    apply({ wire }) {
      wire?.raw(encode(text));
      throw new ConnectionBroken('close');
    },
  };
}

async function compress({ answer, wire, request }: FaultContext, unasked: boolean): Promise<Answer> {
  const right = await answer();
  const asked = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '');
  // `fetch` decodes it, so it cannot be shown in memory.
  if (wire === null || (!asked && !unasked)) return right;
  return {
    ...right,
    headers: { ...right.headers, 'content-encoding': 'gzip' },
    chunks: gzip(right.chunks),
    declared: false,
  };
}

async function* gzip(chunks: Chunks) {
  const whole = new Blob([await collect(chunks)]).stream();
  const reader = whole.pipeThrough(new CompressionStream('gzip')).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value.slice();
}

function toHead(protocol: string, status: number, headers: Readonly<Record<string, string>>) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return encode(`${protocol} ${status} Whatever\r\n${lines.join('')}\r\n`);
}

const informational =
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n';

export const protocolFaults = {
  gzip: {
    description: 'Content-Encoding: gzip, if the caller accepts it',
    actions: all,
    socketOnly: true,
    apply: (context) => compress(context, false),
  },
  'gzip-unasked': {
    description: 'Content-Encoding: gzip, whether the caller accepts it or not',
    actions: all,
    socketOnly: true,
    apply: (context) => compress(context, true),
  },
  'informational-100': {
    description: '100 and 103 before the correct response',
    actions: all,
    socketOnly: true,
    apply({ answer, wire }) {
      wire?.raw(encode(informational));
      return answer();
    },
  },
  'length-beside-chunks': {
    description: 'the correct response in chunks, with a Content-Length of half its length',
    actions: all,
    socketOnly: true,
    async apply({ answer, wire }) {
      const right = await answer();
      if (wire === null) return right;
      const half = { 'content-length': String(Math.floor(right.length / 2)), 'transfer-encoding': 'chunked' };
      wire.raw(toHead('HTTP/1.1', right.status, { ...right.headers, ...half }));
      for await (const chunk of right.chunks) {
        wire.raw(concat([encode(`${chunk.length.toString(16)}\r\n`), chunk, encode('\r\n')]));
      }
      wire.raw(encode('0\r\n\r\n'));
      throw new ConnectionBroken('close');
    },
  },
  'http-1.0': {
    description: 'the correct response as HTTP/1.0, which only the close of the connection ends',
    actions: all,
    socketOnly: true,
    async apply({ answer, wire }) {
      const right = await answer();
      if (wire === null) return right;
      wire.raw(toHead('HTTP/1.0', right.status, right.headers));
      for await (const chunk of right.chunks) wire.raw(chunk);
      throw new ConnectionBroken('close');
    },
  },
  'garbage-status-line': raw('text that is not HTTP', 'ICY 200 OK\r\nServer: shoutcast\r\n\r\n'),
  'truncated-headers': raw('headers that end in the middle', 'HTTP/1.1 200 OK\r\nContent-Type: text/x'),
  'huge-headers': raw(
    'a megabyte of headers',
    `HTTP/1.1 200 OK\r\n${`X-Padding: ${'x'.repeat(1000)}\r\n`.repeat(1000)}\r\n`,
  ),
  'broken-chunks': raw(
    'chunked, with a chunk size that is not a number',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<resp\r\nxyz\r\nonse>',
  ),
  'conflicting-lengths': raw(
    'a Content-Length and chunks that disagree',
    'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<resp\r\n0\r\n\r\n',
  ),
} as const satisfies Record<string, Fault>;
