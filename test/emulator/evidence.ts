/** The evidence of each fault that an observer must see, in memory and on a socket. */

import { foreignText } from './faults/encodings.ts';
import type { FaultName } from './faults.ts';

export interface Seen {
  /** Null without a response. */
  readonly status: number | null;
  readonly headers: Headers;
  /** At most the first few megabytes. */
  readonly bytes: Uint8Array;
  readonly end: 'complete' | 'broken' | 'stalled' | 'endless';
  /** Until the headers, in milliseconds. */
  readonly wait: number;
  /** The number of chunks that the observer received. */
  readonly pieces: number;
  readonly socket: boolean;
  /** The same call's body without a fault. */
  readonly right: Uint8Array;
}

type Evidence = (seen: Seen) => boolean;

const text = ({ bytes }: Seen) => new TextDecoder().decode(bytes);
const type = ({ headers }: Seen) => headers.get('content-type') ?? '';
const complete = ({ end }: Seen) => end === 'complete';
const isRight = (seen: Seen) => complete(seen) && equal(seen.bytes, seen.right);
const has =
  (part: string | RegExp): Evidence =>
  (seen) =>
    complete(seen) && (typeof part === 'string' ? text(seen).includes(part) : part.test(text(seen)));
const status =
  (expected: number): Evidence =>
  (seen) =>
    complete(seen) && seen.status === expected;
const decoded =
  (name: keyof typeof foreignText, encoding: string): Evidence =>
  ({ bytes }) =>
    new TextDecoder(encoding, { fatal: true }).decode(bytes).includes(foreignText[name]);
const noAnswer: Evidence = (seen) => seen.status === null && seen.end === 'broken';
const half = ({ bytes, right }: Seen) => bytes.length === Math.floor(right.length / 2);
/** A reset may overtake bytes sent before it, a close never does. */
const brokenAtHalf: Evidence = (seen) => seen.status === 200 && seen.end === 'broken' && half(seen);
const onSocket =
  (evidence: Evidence): Evidence =>
  (seen) =>
    seen.socket ? evidence(seen) : isRight(seen);
const gzipped: Evidence = (seen) => seen.headers.get('content-encoding') === 'gzip' && seen.bytes[0] === 0x1f;
const hex = ({ bytes }: Seen) => Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16)).join(' ');
const keys = /access_key=foofoofoo&(amp;)?secret_access_key=foobarfoo/;

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

export const evidence: Readonly<Record<FaultName, Evidence>> = {
  'failed-200': (seen) => status(200)(seen) && has('<result>failed')(seen) && has('Invalid api_key')(seen),
  'failed-200-generic': (seen) => status(200)(seen) && has('<result>failed')(seen),
  'failed-without-status': (seen) => status(400)(seen) && has('<result>failed')(seen),
  'success-with-error-text': (seen) => status(200)(seen) && has(/success[\s\S]*Error in/)(seen),
  'success-labelled-500': (seen) => status(500)(seen) && has('<result>success')(seen),
  'keys-in-description': (seen) => status(400)(seen) && has(keys)(seen),
  'keys-in-headers': (seen) => isRight(seen) && (seen.headers.get('etag')?.includes('foobarfoo') ?? false),
  'html-page': (seen) => type(seen) === 'text/html' && has('<html>')(seen),
  'html-labelled-as-xml': (seen) => type(seen) === 'text/xml' && has('<html>')(seen),
  'html-labelled-as-audio': (seen) => type(seen) === 'audio/wav' && has('<html>')(seen),
  'empty-body': (seen) => status(200)(seen) && seen.bytes.length === 0,
  'no-content': (seen) => status(204)(seen) && seen.bytes.length === 0,
  'json-instead': has(/^\{"result":"success"/),
  redirect: (seen) => status(302)(seen) && keys.test(seen.headers.get('location') ?? ''),
  'redirect-307': (seen) => status(307)(seen) && keys.test(seen.headers.get('location') ?? ''),
  'rate-limited': (seen) => status(429)(seen) && seen.headers.get('retry-after') === '7',
  'server-error': (seen) => status(500)(seen) && has(keys)(seen),
  'bad-gateway': status(502),
  unavailable: (seen) => status(503)(seen) && seen.headers.get('retry-after') === '7',
  'gateway-timeout': status(504),

  declaration: has(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<response>/),
  cdata: (seen) =>
    has('<![CDATA[</recording></data></response>]]>')(seen) && has(/<result><!\[CDATA\[\w+\]\]>/)(seen),
  entities: has(/<result>(&#x?[\da-f]+;)+<\/result>/),
  attributes: has(/<result xml:id='1' note="a > b, &lt;\/recording>">/),
  comments: has(/<result>\w{3}<!-- <\/recording><\/data><\/response> -->\w+<\/result>/),
  'processing-instructions': has('<?vendor </recording></data></response>?>'),
  whitespace: has(/\r\n\t <\/response\r\n > {2}$/),
  'unknown-elements': has('<extra><sid>666</sid>'),
  'proto-elements': has('<__proto__>'),
  'padded-values': has(/<result>\n {3}\w+ \n<\/result>/),
  'cut-xml': (seen) => !text(seen).includes('</response>') && complete(seen) && seen.bytes.length > 0,
  'trailing-garbage': has(/<\/response>\nWarning/),
  'leading-garbage': has(/^Warning.*\n<response>/),
  'two-documents': has(/<\/response>\n<response>/),
  'mismatched-tags': has('</results>'),
  'bare-ampersand': has('a & b'),
  'control-characters': has('\0\x01\x1b'),
  'duplicate-result': has(/<result>failed<\/result>\n<result>/),
  'missing-result': (seen) => !has('<result>')(seen) && has('<result_description>')(seen),
  'unknown-result': has('<result>maybe</result>'),
  'other-root': has(/^<reply>[\s\S]*<\/reply>$/),
  dtd: has(/^<!DOCTYPE response>\n<response>/),
  'dtd-entities': has(/<!ENTITY l9 "(&l8;){10}">[\s\S]*&l9;/),
  'external-entity': has(/SYSTEM "http:[^"]*\/_emulator\/trap">[\s\S]*&x;/),
  'deep-nesting': (seen) => complete(seen) && seen.bytes.length > 700_000,

  'odd-order': has(/<recording>\n<date>.*<\/date>\n<minutes>[\s\S]*<sid>/),
  'result-last': has(
    /<response>\n<data>[\s\S]*<\/data>\n<result>|<response>\n<result_d.*\n<data>|<\/recording>\n<\/data>\n<\/response>$/,
  ),
  'failed-after-data': has(/<\/data>\n<result>failed/),
  'one-item': (seen) => text(seen).match(/<recording>/g)?.length === 1,
  'empty-list': has(/success[\s\S]*<data\/>/),
  'empty-data': has(/success[\s\S]*<data><\/data>/),
  'no-data': (seen) => has('success')(seen) && !has('<data')(seen),
  'empty-elements': has(/<sid>\d+<\/sid>\n<dnis\/>\n<number_connected\/>\n<minutes\/>\n<date\/>/),
  'missing-elements': has(/<recording>\n<sid>\d+<\/sid>\n<\/recording>/),
  'missing-sid': (seen) => has('<recording>\n<dnis>')(seen) && !has('<sid>')(seen),
  'duplicate-elements': has(/<sid>(\d+)<\/sid>[\s\S]*<sid>1\1<\/sid>/),
  'huge-record': (seen) => seen.end === 'endless' && /9{100000}/.test(text(seen)),
  'endless-list': (seen) =>
    seen.end === 'endless' && /(<recording>[\s\S]*?<\/recording>\n){5000}/.test(text(seen)),
  'endless-text': (seen) => seen.end === 'endless' && /(and ){100000}/.test(text(seen)),

  bom: (seen) => hex(seen) === 'ef bb bf 3c' && complete(seen),
  'utf-16': (seen) => hex(seen) === 'ff fe 3c 0' && decoded('utf-16', 'utf-16le')(seen),
  'utf-16-be': (seen) => hex(seen) === 'fe ff 0 3c' && decoded('utf-16-be', 'utf-16be')(seen),
  'latin-1': (seen) => has('encoding="ISO-8859-1"')(seen) && decoded('latin-1', 'iso-8859-1')(seen),
  'latin-1-by-header': (seen) => /iso-8859-1/i.test(type(seen)) && decoded('latin-1', 'iso-8859-1')(seen),
  'windows-1252': (seen) =>
    has('encoding="windows-1252"')(seen) && decoded('windows-1252', 'windows-1252')(seen),
  'latin-1-undeclared': (seen) => has(/Zo\ufffd/)(seen) && !has('encoding=')(seen),
  'unknown-encoding': has('encoding="x-vendor-7bit"'),
  'invalid-utf-8': has(/encoding="UTF-8"[\s\S]*\ufffd/),

  'failed-labelled-as-audio': (seen) =>
    type(seen) === 'audio/wav' && has(/^<response>\n<result>failed/)(seen),
  'xml-as-audio-with-leading-whitespace': (seen) =>
    type(seen) === 'audio/wav' && has(/^\s{1024}<response>/)(seen),
  'audio-of-wrong-format': (seen) =>
    type(seen) === 'audio/wav' && /^ff [ef]/.test(hex(seen)) && complete(seen),
  'noise-as-audio': (seen) => type(seen) === 'audio/wav' && seen.bytes.every((byte) => byte > 127),
  'wav-header-only': (seen) => complete(seen) && seen.bytes.length === 44,
  'few-bytes-of-audio': (seen) => complete(seen) && text(seen) === 'RIF',
  'audio-behind-id3': isRight,

  'slow-first-byte': (seen) => isRight(seen) && seen.wait > 30,
  'stall-before-answer': (seen) => seen.status === null && seen.end === 'stalled',
  'stall-midway': (seen) => seen.status === 200 && seen.end === 'stalled' && half(seen),
  'slow-trickle': (seen) => seen.end === 'stalled' && seen.pieces > 1 && seen.bytes.length < 60,
  'chunked-one-byte': (seen) =>
    isRight(seen) &&
    !seen.headers.has('content-length') &&
    (seen.socket || seen.pieces >= Math.min(400, seen.right.length)),
  'reset-before-answer': noAnswer,
  'reset-after-work': noAnswer,
  'close-before-answer': noAnswer,
  'reset-midway': brokenAtHalf,
  'close-midway': brokenAtHalf,
  'cut-audio-with-length': (seen) =>
    brokenAtHalf(seen) && Number(seen.headers.get('content-length')) === seen.right.length,
  'cut-audio-without-length': (seen) => brokenAtHalf(seen) && !seen.headers.has('content-length'),
  'audio-longer-than-length': ({ headers, right }) =>
    Number(headers.get('content-length')) === Math.floor(right.length / 2),
  'audio-without-length': (seen) => isRight(seen) && !seen.headers.has('content-length'),

  gzip: isRight,
  'gzip-unasked': onSocket(gzipped),
  'informational-100': isRight,
  // Node's own client rejects it.
  'length-beside-chunks': (seen) => (seen.socket ? noAnswer(seen) : isRight(seen)),
  'http-1.0': (seen) => isRight(seen) && (!seen.socket || !seen.headers.has('content-length')),
  'garbage-status-line': noAnswer,
  'truncated-headers': noAnswer,
  'huge-headers': noAnswer,
  'broken-chunks': (seen) => seen.end === 'broken' && (!seen.socket || seen.status === 200),
  'conflicting-lengths': noAnswer,
};
