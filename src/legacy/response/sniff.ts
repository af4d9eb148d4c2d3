/** Recognises audio by its first bytes, since a status and a Content-Type prove nothing. */
import { findFrames } from './mpeg-frame.ts';
import { startsWav } from './wav-header.ts';

/** Bytes that decide in most cases; a shorter body decides with fewer. */
export const sniffLength = 12;

/**
 * In bytes: how far to search for MP3 frames if the first bytes are inconclusive. Recorders and splitters leave
 * zeros, tags and partial frames before the first frame.
 */
export const searchLength = 64 * 1024;

/** `xml` is any markup, HTML included. Null for anything else and for no bytes. */
export function sniffAudio(head: Uint8Array): 'wav' | 'mp3' | 'xml' | null {
  if (startsWav(head, skipTags(head))) return 'wav';
  if (startsWith(head, 'ID3') || isFrameSync(head)) return 'mp3';
  if (isMarkup(head)) return 'xml';
  if (isContainer(head)) return null;
  return findFrames(head.subarray(0, searchLength)) === null ? null : 'mp3';
}

/** Start of the audio behind ID3v2 tags, which taggers also put before WAVs; past the end if a tag is longer. */
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

/** ID3v2.4 section 3.1: the size has seven bits in each of four bytes, and excludes header and footer. */
const tagHeaderSize = 10;
const hasFooter = 0x10;

function startsWith(head: Uint8Array, text: string): boolean {
  return head.length >= text.length && [...text].every((char, index) => head[index] === char.charCodeAt(0));
}

/**
 * An MPEG frame sync, eleven bits, and room for the rest of a header. No text starts like this; the player judges the
 * rest. Only Layer I of MPEG-1, which is not MP3, is rejected: it would start with FF FE, the byte order mark of
 * UTF-16, or with FF FF, the content of erased storage.
 */
function isFrameSync(head: Uint8Array): boolean {
  const [first = 0, second = 0] = head;
  return head.length >= 4 && first === 0xff && second >= 0xe0 && second < 0xfe;
}

/** Signatures of containers and archives by their offset. In many of them MP3 frames lie one behind the other. */
const containers: readonly (readonly [number, readonly string[]])[] = [
  [0, 'OggS fLaC caff riff RIFF FORM .snd FLV MThd %PDF Rar!'.split(' ')],
  [0, ['\x1aE\xdf\xa3', '0&\xb2u', '\0\0\x01\xba', 'PK\x03\x04', '\x1f\x8b\x08', '7z\xbc\xaf']],
  [4, ['ftyp', 'moov', 'mdat', 'wide']],
  [257, ['ustar']],
];

/** The first boundary of a form that is sent under another type. */
const formStart = /^(?:\r?\n)?--[^\r\n]+\r?\nContent-/i;

/**
 * Whether the bytes start a container, a form, or a transport stream, whose packets of 188 bytes each start with 0x47.
 */
export function isContainer(head: Uint8Array): boolean {
  if (formStart.test(new TextDecoder('latin1').decode(head.subarray(0, 300)))) return true;
  const isStream = [0, 188, 376, 564].every((offset) => head[offset] === 0x47);
  const startsAt = (offset: number) => (signature: string) => startsWith(head.subarray(offset), signature);
  return isStream || containers.some(([offset, signatures]) => signatures.some(startsAt(offset)));
}

/** An optional byte order mark, optional white space, then `<`. */
function isMarkup(head: Uint8Array): boolean {
  const encoding = startsWith(head, '\xff\xfe')
    ? 'utf-16le'
    : startsWith(head, '\xfe\xff')
      ? 'utf-16be'
      : 'utf-8';
  return /^[ \t\r\n]*</.test(new TextDecoder(encoding).decode(head));
}
