/**
 * Splits `multipart` bodies (RFC 2046 section 5.1) as clients write them: with a preamble, an epilogue, padding after
 * boundaries, or bare line feeds. The parsers that run on both runtimes hold a whole part in memory
 * (@remix-run/multipart-parser) or reject names outside ASCII (multipasta), and busboy and formidable need Node
 * streams.
 */

import { concatBytes } from '../primitives/bytes.ts';

export interface MultipartHandler {
  /** Starts a part; `head` is its header lines, undecoded. */
  open(head: Uint8Array): void;
  /** The part's next bytes, in memory that is reused. */
  body(chunk: Uint8Array): void;
  close(): void;
}

export interface MultipartParser {
  /** Rethrows errors of the handler. Throws MultipartError. */
  write(bytes: Uint8Array): void;
  /** `no-boundary`: none found yet. `open`: the final boundary is missing. */
  readonly state: 'no-boundary' | 'open' | 'done';
}

/** Its message completes "The form is invalid: …". */
export class MultipartError extends Error {
  override readonly name = 'MultipartError';
}

const maxHeadSize = 16 * 1024;
/** White space between a boundary and its line end (RFC 2046: transport padding). In bytes. */
const maxPadding = 1024;

const [tab, lf, cr, space, dash] = [9, 10, 13, 32, 45] as const;

/** `boundary` as in the Content-Type, one byte per character. */
export function createMultipartParser(boundary: string, handler: MultipartHandler): MultipartParser {
  const line = Uint8Array.from(`\n--${boundary}`, (char) => char.charCodeAt(0));
  const find = createSearch(line);
  let state: 'preamble' | 'head' | 'body' | 'done' = 'preamble';
  /** Line ends of the form, taken from the first boundary: one LF there means LF everywhere. */
  let isCrlf = true;
  /** Bytes that may start a boundary together with the next ones. The first boundary starts a line as well. */
  let rest: Uint8Array = Uint8Array.of(cr, lf);
  /** Bytes of the blank line before a part's content, which may also start a boundary. */
  let lead = 0;

  function emit(data: Uint8Array, end: number): void {
    const start = Math.min(lead, end);
    lead -= start;
    if (end > start) handler.body(data.subarray(start, end));
  }

  /** Passes on the part's bytes, and holds back those that may belong to a boundary. */
  function split(data: Uint8Array): Uint8Array {
    const isBody = state === 'body';
    for (let at = find(data, 0); at >= 0; at = find(data, at + 1)) {
      const start = isBody && isCrlf ? at - 1 : at;
      if (start !== at && data[start] !== cr) continue;
      const end = readLineEnd(data, at + line.length);
      if (end === 'none') continue;
      if (isBody) emit(data, start);
      if (end === 'unclear') return data.subarray(start);
      if (isBody) handler.close();
      if (!isBody) isCrlf = data[end.at] === cr || end.isLast;
      state = end.isLast ? 'done' : 'head';
      // The line end belongs to the head, which may be empty.
      return data.subarray(end.at);
    }
    const held = Math.max(0, data.length - line.length);
    if (isBody) emit(data, held);
    return data.subarray(held);
  }

  function readHead(data: Uint8Array): Uint8Array | null {
    const end = findBlankLine(data);
    if ((end?.start ?? data.length) > maxHeadSize) {
      throw new MultipartError(`the headers of a part are longer than ${maxHeadSize} bytes`);
    }
    if (!end) return null;
    state = 'body';
    handler.open(data.subarray(0, end.start));
    // The boundary of an empty part may share its line end with the blank line.
    lead = isCrlf ? 2 : 1;
    return data.subarray(end.next - lead);
  }

  return {
    write(bytes) {
      let data = concatBytes([rest, bytes]);
      for (;;) {
        if (state === 'done') break;
        const before = state;
        const next = state === 'head' ? readHead(data) : split(data);
        if (next === null || state === before) {
          data = next ?? data;
          break;
        }
        data = next;
      }
      // Copied, because the sender reuses the memory.
      rest = state === 'done' ? new Uint8Array() : data.slice();
    },
    get state() {
      if (state === 'done') return 'done';
      return state === 'preamble' ? 'no-boundary' : 'open';
    },
  };
}

type LineEnd = { readonly at: number; readonly isLast: boolean } | 'none' | 'unclear';

/** The end of a boundary: `--`, or padding and a line end; otherwise the text is content. */
function readLineEnd(data: Uint8Array, start: number): LineEnd {
  if (data[start] === dash && data[start + 1] === dash) return { at: start + 2, isLast: true };
  let at = start;
  while (at - start < maxPadding && (data[at] === space || data[at] === tab)) at += 1;
  if (data[at] === lf || (data[at] === cr && data[at + 1] === lf)) return { at, isLast: false };
  const isCut = at >= data.length || (at + 1 === data.length && (data[at] === cr || data[start] === dash));
  return isCut ? 'unclear' : 'none';
}

/** Between two line ends, each CR LF or a lone LF. */
function findBlankLine(data: Uint8Array): { readonly start: number; readonly next: number } | null {
  for (let at = data.indexOf(lf); at >= 0; at = data.indexOf(lf, at + 1)) {
    const next = data[at + 1] === cr ? at + 2 : at + 1;
    if (data[next] === lf) return { start: at, next: next + 1 };
  }
  return null;
}

/**
 * The needle starts with its only LF, so no byte is compared twice: the time is linear, whatever the boundary. Faster
 * searches take quadratic time for a long boundary that the body almost repeats.
 */
function createSearch(needle: Uint8Array): (bytes: Uint8Array, from: number) => number {
  return (bytes, from) => {
    for (let at = bytes.indexOf(lf, from); at >= 0; at = bytes.indexOf(lf, at + 1)) {
      let length = 1;
      while (length < needle.length && bytes[at + length] === needle[length]) length += 1;
      if (length === needle.length) return at;
    }
    return -1;
  };
}
