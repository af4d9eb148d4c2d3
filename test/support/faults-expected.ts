/** The expected response of each operation for every fault of the legacy service. */
import type { FaultName } from '../emulator/faults.ts';

export const operations = ['list', 'export', 'audio', 'delete', 'upload'] as const;
export type Operation = (typeof operations)[number];

/** A problem's status and slug, or how a success relates to the response without a fault. */
export type Outcome =
  /** The same. */
  | 'right'
  /** A 200 whose transfer breaks: never a clean, early end. */
  | 'broken'
  /** The same recordings, and `warnings` that name the repairs. */
  | 'repaired'
  /** No recordings, and `warnings` that name the omitted ones. */
  | 'left-out'
  /** A list without recordings. */
  | 'empty'
  /** The first recording only. */
  | 'first'
  /** Recordings with only their sid. */
  | 'sids'
  /** Text in another alphabet after each number_connected, decoded correctly. */
  | 'foreign'
  /** The same, and `warnings` that name bytes outside the encoding. */
  | 'foreign with warnings'
  /** A page, or as much as the client reads before it disconnects. */
  | 'endless'
  /** As many bytes as the legacy service declared, although it sent more. */
  | 'declared'
  /** The 44 bytes that the legacy service declares as the whole. */
  | 'header-only'
  | `${number} ${string}`;

/** Several if the order of arrival decides; null if the fault does not apply. */
export type Cell = Outcome | readonly Outcome[] | null;

/** In the order of `operations`. */
type Row = readonly [Cell, Cell, Cell, Cell, Cell];

const each = (cell: Cell): Row => [cell, cell, cell, cell, cell];
const audio = (cell: Cell): Row => [null, null, cell, null, null];
const lists = (list: Cell, exported: Cell = list): Row => [list, exported, null, null, null];

const invalid = '502 legacy-invalid-response';
const unreachable = '502 legacy-unreachable';
const timeout = '504 legacy-timeout';

/** The document is damaged but readable; a download has no document except its "File not found". */
const readable: Row = ['right', 'right', '404 recording-not-found', 'right', 'right'];
const foreign: Row = ['foreign', 'foreign', '404 recording-not-found', 'right', 'right'];
const misfit: Row = ['foreign with warnings', 'foreign', '404 recording-not-found', 'right', 'right'];
/** A character is repaired, and a page of the list reports it; a download has no document except its "File not found". */
const repaired: Row = ['repaired', 'right', '404 recording-not-found', 'right', 'right'];
/** The response is unreadable, but the work is done, which the gateway finds out for a removal. */
const unreadable: Row = [invalid, invalid, invalid, 'right', invalid];
/** The same; a list's first recordings may be sent before the end of the response shows the fault. */
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
  // Valid HTTP, and a WAV by its first bytes; the player judges the rest.
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
  // RFC 9110, section 12.5.3: the gateway sends `identity`, and decodes a response that is still compressed.
  'gzip-unasked': each('right'),
  // undici rejects both. The retry goes through a lenient parser; an upload is not retried.
  'informational-100': ['right', 'right', 'right', 'right', ['right', invalid]],
  // The chunks count (RFC 9112, section 6.3).
  'length-beside-chunks': ['right', 'right', 'right', 'right', ['right', invalid]],
  'http-1.0': each('right'),
  // On Workers, a malformed response looks like a lost connection.
  'garbage-status-line': each([invalid, unreachable]),
  'truncated-headers': each(unreachable),
  'huge-headers': each([invalid, unreachable]),
  'broken-chunks': each([invalid, unreachable]),
  'conflicting-lengths': each([unreachable, invalid]),
};
