/** Tells audio from everything else by its first bytes, since a status and a Content-Type prove nothing. */
import { findFrames } from './mpeg-frame.ts';
import { startsWav } from './wav-header.ts';

/** How many bytes decide in most cases; fewer do where the body is shorter. */
export const sniffLength = 12;

/**
 * Where the first bytes decide nothing, frames of an MP3 within so many do: recorders and splitters leave zeros, tags and
 * the rest of a frame in front of the first one. In bytes.
 */
export const searchLength = 64 * 1024;

/** What the first bytes are; `xml` is any markup, an HTML page included. Null is anything else, or nothing. */
export function sniffAudio(head: Uint8Array): 'wav' | 'mp3' | 'xml' | null {
  if (startsWav(head, skipTags(head))) return 'wav';
  if (startsWith(head, 'ID3') || isFrameSync(head)) return 'mp3';
  if (isMarkup(head)) return 'xml';
  return findFrames(head.subarray(0, searchLength)) === null ? null : 'mp3';
}

/** Where the audio starts behind ID3v2 tags, which taggers also put in front of WAVs; past the end where one is longer. */
export function skipTags(head: Uint8Array): number {
  let at = 0;
  while (startsWith(head.subarray(at), 'ID3') && head.length >= at + tagHeaderSize) {
    const [version = 0, , flags = 0, ...sizes] = head.subarray(at + 3, at + tagHeaderSize);
    if (version < 2 || version > 4 || sizes.some((byte) => byte > 127)) return at;
    const size = sizes.reduce((sum, byte) => sum * 128 + byte, 0);
    at += tagHeaderSize + size + (flags & hasFooter ? tagHeaderSize : 0);
  }
  return at;
}

/** ID3v2.4 section 3.1: the size takes seven bits of each of four bytes, and leaves header and footer out. */
const tagHeaderSize = 10;
const hasFooter = 0x10;

function startsWith(head: Uint8Array, text: string): boolean {
  return head.length >= text.length && [...text].every((char, index) => head[index] === char.charCodeAt(0));
}

/**
 * An MPEG frame sync, eleven bits, and room for the rest of a header. The rest is between the legacy service and the
 * player, since no text begins like this. Only Layer I of MPEG-1, which is no MP3, does not pass: it would begin with FF FE,
 * the byte order mark of UTF-16, or with FF FF, the content of erased storage.
 */
function isFrameSync(head: Uint8Array): boolean {
  const [first = 0, second = 0] = head;
  return head.length >= 4 && first === 0xff && second >= 0xe0 && second < 0xfe;
}

/** A byte order mark or none, white space or none, then `<`. */
function isMarkup(head: Uint8Array): boolean {
  const encoding = startsWith(head, '\xff\xfe')
    ? 'utf-16le'
    : startsWith(head, '\xfe\xff')
      ? 'utf-16be'
      : 'utf-8';
  return /^[ \t\r\n]*</.test(new TextDecoder(encoding).decode(head));
}
