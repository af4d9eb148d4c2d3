/** Tells audio from everything else by its first bytes, since an answer's status and Content-Type prove nothing. */

/** How many bytes decide; fewer do where the answer is shorter. */
export const sniffLength = 12;

/** What an answer's first bytes are; `xml` is any markup, an HTML page included. Null is anything else, or nothing. */
export function sniffAudio(head: Uint8Array): 'wav' | 'mp3' | 'xml' | null {
  if (startsWith(head, 'RIFF') && startsWith(head.subarray(8), 'WAVE')) return 'wav';
  if (startsWith(head, 'ID3') || isFrameSync(head)) return 'mp3';
  return isMarkup(head) ? 'xml' : null;
}

function startsWith(head: Uint8Array, text: string): boolean {
  return head.length >= text.length && [...text].every((char, index) => head[index] === char.charCodeAt(0));
}

/**
 * An MPEG frame sync, eleven bits, and room for the rest of a header. What the rest says is between the legacy and the
 * player, since no text begins like this. Only Layer I of MPEG-1, which is no MP3, does not pass: it would begin with FF FE,
 * the byte order mark of UTF-16, or with FF FF, of which storage is full that nobody wrote to.
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
