/** Tells audio from everything else by its first bytes, since an answer's status and Content-Type prove nothing. */

/** How many bytes decide; fewer do where the answer is shorter. */
export const sniffLength = 12;

/** What an answer's first bytes are; `xml` is any markup, an HTML page included. Null is anything else, or nothing. */
export function sniffAudio(head: Uint8Array): 'wav' | 'mp3' | 'xml' | null {
  if (startsWith(head, 'RIFF') && startsWith(head.subarray(8), 'WAVE')) return 'wav';
  if (startsWith(head, 'ID3') || isFrameHeader(head)) return 'mp3';
  return isMarkup(head) ? 'xml' : null;
}

function startsWith(head: Uint8Array, text: string): boolean {
  return head.length >= text.length && [...text].every((char, index) => head[index] === char.charCodeAt(0));
}

/** An MPEG audio frame header without reserved values (ISO/IEC 11172-3, section 2.4.2.3). */
function isFrameHeader([first = 0, second = 0, third, fourth]: Uint8Array): boolean {
  if (third === undefined || fourth === undefined) return false;
  // FF FE would be Layer I with a checksum, which is no MP3; here it is the byte order mark of UTF-16.
  if (first !== 0xff || second < 0xe0 || second === 0xfe) return false;
  const version = (second >> 3) & 3;
  const layer = (second >> 1) & 3;
  const bitrate = third >> 4;
  const sampleRate = (third >> 2) & 3;
  const emphasis = fourth & 3;
  return version !== 1 && layer !== 0 && bitrate !== 15 && sampleRate !== 3 && emphasis !== 2;
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
