/** For every fault of the legacy service what the client of each operation gets. */
import type { FaultName } from '../emulator/faults.ts';

export const operations = ['list', 'export', 'audio', 'delete', 'upload'] as const;
export type Operation = (typeof operations)[number];

/** A problem's status and slug, or how an answer that succeeds relates to the one without a fault. */
export type Outcome =
  /** The same. */
  | 'right'
  /** A 200 whose transfer breaks: never a clean, short end. */
  | 'broken'
  /** The same recordings, and `warnings` that name what was repaired. */
  | 'repaired'
  /** No recordings, and `warnings` that name those that were left out. */
  | 'left-out'
  /** A list without recordings. */
  | 'empty'
  /** The first recording alone. */
  | 'first'
  /** Recordings of which only the sid is known. */
  | 'sids'
  /** Behind each number_connected the text of another alphabet, read as it was meant. */
  | 'foreign'
  /** The same, and `warnings` that name what did not fit the encoding. */
  | 'foreign with warnings'
  /** A page, or as much as the client reads: it is the client who ends it. */
  | 'endless'
  /** As many bytes as the legacy declared, of which it had more. */
  | 'declared'
  /** The 44 bytes that the legacy calls the whole. */
  | 'header-only'
  | `${number} ${string}`;

/** Several where it is a matter of what arrives first; null where the fault has nothing to spoil. */
export type Cell = Outcome | readonly Outcome[] | null;

/** In the order of `operations`. */
type Row = readonly [Cell, Cell, Cell, Cell, Cell];

const each = (cell: Cell): Row => [cell, cell, cell, cell, cell];
const audio = (cell: Cell): Row => [null, null, cell, null, null];
const lists = (list: Cell, exported: Cell = list): Row => [list, exported, null, null, null];

const invalid = '502 legacy-invalid-response';
const unreachable = '502 legacy-unreachable';
const timeout = '504 legacy-timeout';

/** The document is spoilt and read all the same; a download has no document but that of its "File not found". */
const readable: Row = ['right', 'right', '404 recording-not-found', 'right', 'right'];
const foreign: Row = ['foreign', 'foreign', '404 recording-not-found', 'right', 'right'];
const misfit: Row = ['foreign with warnings', 'foreign', '404 recording-not-found', 'right', 'right'];
/** A character is repaired, and a page of the list says so; a download has no document but that of its "File not found". */
const repaired: Row = ['repaired', 'right', '404 recording-not-found', 'right', 'right'];
/** Nobody can read the answer; but the work is done, and of a removal the gateway finds that out. */
const unreadable: Row = [invalid, invalid, invalid, 'right', invalid];
/** The same; a list's first recordings may be on their way before its end shows what it is. */
const late: Row = [invalid, [invalid, 'broken'], invalid, 'right', invalid];

/** Over a real connection. */
export const expected: Readonly<Record<FaultName, Row>> = {
  'failed-200': each('401 credentials-rejected'),
  'failed-200-generic': each('502 legacy-failed'),
  'failed-without-status': each('400 invalid-request'),
  'success-with-error-text': each('502 legacy-failed'),
  'success-labelled-500': each(invalid),
  'keys-in-description': each('400 invalid-request'),
  'keys-in-headers': each('right'),
  'html-page': each(invalid),
  'html-labelled-as-xml': each(invalid),
  'html-labelled-as-audio': audio(invalid),
  'empty-body': each(invalid),
  'no-content': each(invalid),
  'json-instead': each(invalid),
  redirect: each(invalid),
  'redirect-307': each(invalid),
  'rate-limited': each('429 legacy-rate-limited'),
  'server-error': each(invalid),
  'bad-gateway': each(invalid),
  unavailable: each('503 legacy-unavailable'),
  'gateway-timeout': each(invalid),

  declaration: readable,
  cdata: readable,
  entities: readable,
  attributes: readable,
  comments: readable,
  'processing-instructions': readable,
  whitespace: readable,
  'unknown-elements': readable,
  'proto-elements': readable,
  'padded-values': readable,
  'cut-xml': late,
  'trailing-garbage': late,
  'leading-garbage': unreadable,
  'two-documents': late,
  'mismatched-tags': late,
  'bare-ampersand': repaired,
  'control-characters': repaired,
  'duplicate-result': unreadable,
  'missing-result': unreadable,
  'unknown-result': unreadable,
  'other-root': unreadable,
  dtd: unreadable,
  'dtd-entities': unreadable,
  'external-entity': unreadable,
  'deep-nesting': unreadable,

  'odd-order': lists('right'),
  'result-last': lists('right'),
  'failed-after-data': lists('502 legacy-failed'),
  'one-item': lists('first'),
  'empty-list': lists('empty'),
  'empty-data': lists('empty'),
  'no-data': lists('empty'),
  'empty-elements': lists('sids'),
  'missing-elements': lists('sids'),
  'missing-sid': lists('left-out', 'empty'),
  'duplicate-elements': lists(invalid),
  'huge-record': lists(invalid),
  'endless-list': lists('endless'),
  'endless-text': each(invalid),

  bom: readable,
  'utf-16': foreign,
  'utf-16-be': foreign,
  'latin-1': foreign,
  'latin-1-by-header': misfit,
  'windows-1252': foreign,
  'latin-1-undeclared': misfit,
  'unknown-encoding': unreadable,
  'invalid-utf-8': repaired,

  'failed-labelled-as-audio': audio('404 recording-not-found'),
  'xml-as-audio-with-leading-whitespace': audio('404 recording-not-found'),
  'audio-of-wrong-format': audio(invalid),
  'noise-as-audio': audio(invalid),
  // Complete as HTTP and a WAV as far as its first bytes tell: what is inside is between the legacy and the player.
  'wav-header-only': audio('header-only'),
  'few-bytes-of-audio': audio(invalid),
  'audio-behind-id3': audio('right'),

  'slow-first-byte': each('right'),
  'stall-before-answer': each(timeout),
  'stall-midway': [timeout, [timeout, 'broken'], 'broken', 'right', timeout],
  'slow-trickle': [timeout, [timeout, 'broken'], 'broken', 'right', timeout],
  'chunked-one-byte': each('right'),
  'reset-before-answer': each(unreachable),
  'reset-after-work': [unreachable, unreachable, unreachable, 'right', unreachable],
  'close-before-answer': each(unreachable),
  'reset-midway': [unreachable, [unreachable, 'broken'], [unreachable, 'broken'], 'right', unreachable],
  'close-midway': [unreachable, [unreachable, 'broken'], 'broken', 'right', unreachable],
  'cut-audio-with-length': audio('broken'),
  'cut-audio-without-length': audio('broken'),
  'audio-longer-than-length': audio(['declared', 'broken']),
  'audio-without-length': audio('right'),

  gzip: each('right'),
  // RFC 9110, section 12.5.3: the gateway says `identity`. Who compresses all the same is not understood on Node.
  'gzip-unasked': each([invalid, 'right']),
  // undici takes a 100 that it did not wait for as the end of the connection.
  'informational-100': each(['right', unreachable]),
  // The chunks count (RFC 9112, section 6.3); undici refuses such an answer.
  'length-beside-chunks': each(['right', unreachable]),
  'http-1.0': each('right'),
  'garbage-status-line': each(unreachable),
  'truncated-headers': each(unreachable),
  'huge-headers': each(unreachable),
  'broken-chunks': each(unreachable),
  'conflicting-lengths': each([unreachable, invalid]),
};
