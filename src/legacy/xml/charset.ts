/** Bytes to text by the charset that an answer declares, in chunks of any size. */
import { XmlError } from './error.ts';

type Charset = 'utf-8' | 'utf-16le' | 'utf-16be' | 'iso-8859-1' | 'windows-1252' | 'us-ascii';

export interface XmlDecoder {
  /** Throws XmlError for bytes that the charset rules out, and for a charset that is unknown. */
  decode(chunk: Uint8Array): string;
  /** What the last chunk left over. Throws XmlError where that is half a character. */
  end(): string;
}

interface TextSource {
  decode(chunk: Uint8Array, isLast: boolean): string;
}

const labels: ReadonlyMap<string, Charset> = new Map([
  ...['utf-8', 'utf8', 'unicode-1-1-utf-8'].map((label) => [label, 'utf-8'] as const),
  ...['utf-16le', 'utf-16'].map((label) => [label, 'utf-16le'] as const),
  ['utf-16be', 'utf-16be'],
  ...['iso-8859-1', 'iso8859-1', 'iso_8859-1', 'latin1', 'l1'].map((label) => [label, 'iso-8859-1'] as const),
  ...['windows-1252', 'cp1252', 'x-cp1252'].map((label) => [label, 'windows-1252'] as const),
  ...['us-ascii', 'ascii'].map((label) => [label, 'us-ascii'] as const),
]);

/** An XML declaration is written in ASCII and stands first; one longer than this is none. In bytes. */
const maxDeclaration = 256;

/** A byte order mark wins over Content-Type, which wins over the XML declaration (RFC 7303, section 3); else UTF-8. */
export function createXmlDecoder(contentType: string | null): XmlDecoder {
  let start: Uint8Array = new Uint8Array();
  let source: TextSource | null = null;

  function read(chunk: Uint8Array, isLast: boolean): string {
    if (source) return source.decode(chunk, isLast);
    start = start.length === 0 ? chunk : join(start, chunk);
    const found = detect(start, contentType, isLast);
    if (!found) return '';
    source = createSource(found.charset);
    const text = source.decode(start.subarray(found.mark), isLast);
    start = new Uint8Array();
    return text;
  }

  return {
    decode: (chunk) => read(chunk, false),
    end: () => read(new Uint8Array(), true),
  };
}

interface Detected {
  readonly charset: Charset;
  /** The bytes of the byte order mark. */
  readonly mark: number;
}

/** Null while the bytes so far leave it open. */
function detect(start: Uint8Array, contentType: string | null, isLast: boolean): Detected | null {
  if (start.length < 4 && !isLast) return null;
  const [first, second, third] = start;
  if (first === 0xef && second === 0xbb && third === 0xbf) return { charset: 'utf-8', mark: 3 };
  if (first === 0xff && second === 0xfe) return { charset: 'utf-16le', mark: 2 };
  if (first === 0xfe && second === 0xff) return { charset: 'utf-16be', mark: 2 };
  // XML 1.0, appendix F: without a mark, the first `<` shows the width and the order of its bytes.
  const wide =
    first === 0x3c && second === 0 ? 'utf-16le' : first === 0 && second === 0x3c ? 'utf-16be' : null;
  const label = labelOf(contentType);
  if (label !== null) return { charset: resolve(label, wide), mark: 0 };
  if (wide) return { charset: wide, mark: 0 };
  const declared = declaredLabel(start, isLast);
  if (declared === null) return null;
  if (declared.startsWith('utf-16')) throw new XmlError('bytes that contradict the declared charset');
  return { charset: resolve(declared, null), mark: 0 };
}

function resolve(label: string, wide: Charset | null): Charset {
  const charset = labels.get(label);
  if (!charset) throw new XmlError('a charset that is not supported');
  // RFC 2781, section 4.3: `utf-16` names no order, the bytes do.
  return label === 'utf-16' ? (wide ?? 'utf-16be') : charset;
}

function labelOf(contentType: string | null): string | null {
  const match = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i.exec(contentType ?? '');
  return (match?.[1] ?? match?.[2])?.trim().toLowerCase() ?? null;
}

/** The XML declaration's; `utf-8` where it names none or there is none; null while it may still be coming. */
function declaredLabel(start: Uint8Array, isLast: boolean): string | null {
  if (start[0] !== 0x3c || start[1] !== 0x3f) return 'utf-8';
  const text = decodeLatin1(start.subarray(0, maxDeclaration));
  if (!/^<\?xml[ \t\r\n]/.test(text)) {
    return isLast || !'<?xml '.startsWith(text.slice(0, 6)) ? 'utf-8' : null;
  }
  const end = text.indexOf('?>');
  if (end < 0) return isLast || start.length >= maxDeclaration ? 'utf-8' : null;
  const match = /[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([^"']*)["']/.exec(text.slice(0, end));
  return match?.[1]?.toLowerCase() ?? 'utf-8';
}

function createSource(charset: Charset): TextSource {
  switch (charset) {
    case 'utf-8':
      return createUtf8Source();
    case 'utf-16le':
    case 'utf-16be':
    case 'windows-1252':
      return createPlatformSource(charset);
    case 'iso-8859-1':
      return { decode: decodeLatin1 };
    case 'us-ascii':
      return { decode: decodeAscii };
  }
}

/** One for all answers, since it keeps nothing from one call to the next: what one costs is felt in a short list. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function createUtf8Source(): TextSource {
  /** Of a character whose other bytes are still to come. */
  let rest: Uint8Array = new Uint8Array();
  return {
    decode(chunk, isLast) {
      const bytes = rest.length > 0 ? join(rest, chunk) : chunk;
      const end = isLast ? bytes.length : wholeCharacters(bytes);
      // Copied: whoever reads may use the memory of the chunk again.
      rest = bytes.slice(end);
      return guard(() => utf8.decode(bytes.subarray(0, end)));
    },
  };
}

/** How many bytes there are up to a last character that is not complete (RFC 3629, section 3). */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= 3; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 0;
    if (size > 0) return size > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function createPlatformSource(charset: 'utf-16le' | 'utf-16be' | 'windows-1252'): TextSource {
  const decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: true });
  return { decode: (chunk, isLast) => guard(() => decoder.decode(chunk, { stream: !isLast })) };
}

function guard(decode: () => string): string {
  try {
    return decode();
  } catch (cause) {
    throw new XmlError('bytes that are no text in its charset', { cause });
  }
}

/** Not by TextDecoder, whose `iso-8859-1` is windows-1252 (WHATWG Encoding, section 4.2). */
function decodeLatin1(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += 8192) {
    text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  }
  return text;
}

function decodeAscii(bytes: Uint8Array): string {
  const text = decodeLatin1(bytes);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about control characters
  if (/[^\x00-\x7f]/.test(text)) throw new XmlError('bytes that are no text in its charset');
  return text;
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
