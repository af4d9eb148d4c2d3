/** Decodes UTF-8, and stray bytes in the encoding of Content-Type. */
import type { NamedEncoding } from './encoding.ts';
import {
  createMultiByteSource,
  isMultiByte,
  join,
  marks,
  readTable,
  type TextSource,
} from './text-source.ts';

export interface Utf8Options {
  /** Decodes bytes that are not UTF-8; null if the header names no encoding. */
  readonly fallback: NamedEncoding | null;
  /** Whether the document declares ASCII, whose characters are the one-byte forms of UTF-8. */
  readonly isAscii: boolean;
}

/** Shared by all documents: it keeps no state between calls, and creating one costs a short list measurable time. */
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

export function createUtf8Source({ fallback, isAscii }: Utf8Options): TextSource {
  /** Bytes of an incomplete character. */
  let rest: Uint8Array = new Uint8Array();
  /** Takes over when the bytes are in an encoding whose characters cannot be told from UTF-8 one by one. */
  let other: TextSource | null = null;
  const table = fallback && !isMultiByte(fallback) ? readTable(fallback) : null;

  function decodeMixed(bytes: Uint8Array, isLast: boolean): string {
    let text = '';
    let from = 0;
    let at = 0;
    const size = () => (isAscii && (bytes[at] ?? 0) >= 0x80 ? 0 : characterSize(bytes, at));
    while (at < bytes.length) {
      const whole = size();
      if (whole > 0) {
        at += whole;
        continue;
      }
      text += strict.decode(bytes.subarray(from, at));
      if (fallback && !table && (isAscii || fallback.name !== 'utf-8')) {
        other =
          fallback.name === 'utf-8'
            ? createUtf8Source({ fallback: null, isAscii: false })
            : createMultiByteSource(fallback);
        return text + marks.reread + other.decode(bytes.subarray(at), isLast);
      }
      from = at;
      while (at < bytes.length && size() === 0) at += 1;
      text += explain(bytes.subarray(from, at));
      from = at;
    }
    return text + strict.decode(bytes.subarray(from));
  }

  /** Decodes bytes that are not UTF-8. */
  function explain(bytes: Uint8Array): string {
    if (table) return Array.from(bytes, (byte) => toReread(table[byte] ?? '')).join('');
    return marks.lost.repeat(isAscii ? bytes.length : lenient.decode(bytes).length);
  }

  return {
    decode(chunk, isLast) {
      const bytes = rest.length > 0 ? join(rest, chunk) : chunk;
      if (other) {
        rest = new Uint8Array();
        return other.decode(bytes, isLast);
      }
      const end = isLast ? bytes.length : wholeCharacters(bytes);
      // Copied, since the reader may reuse the chunk's memory.
      rest = bytes.slice(end);
      const whole = bytes.subarray(0, end);
      if (isAscii) return decodeMixed(whole, isLast);
      try {
        return strict.decode(whole);
      } catch {
        return decodeMixed(whole, isLast);
      }
    },
  };
}

function toReread(text: string): string {
  return text.startsWith(marks.reread) || text === marks.lost ? text : marks.reread + text;
}

/** How many bytes precede an incomplete last character (RFC 3629, section 3). */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= 3; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 0;
    if (size > 0) return size > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** In bytes; 0 if no character starts here (RFC 3629, section 4). */
function characterSize(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const second = bytes[at + 1] ?? 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let next = 2; next < size; next += 1) if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 0;
  return size;
}
