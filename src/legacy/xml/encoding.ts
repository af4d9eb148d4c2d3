/** Finds a document's encoding from its first bytes, its declaration and Content-Type. */
import { respell } from './encoding-label.ts';
import { XmlError } from './error.ts';

/** An encoding under the name that the document or the header uses. */
export interface NamedEncoding {
  /** As written, in lower case, or respelled. */
  readonly label: string;
  /** Its name in the Encoding Standard. */
  readonly name: string;
}

export interface DetectedEncoding {
  readonly encoding: NamedEncoding;
  /** Bytes of marks and white space before the document. */
  readonly skip: number;
  /** Whether libxml rejects the document's label, so that other evidence decides. */
  readonly isGuess: boolean;
}

const utf8 = { label: 'utf-8', name: 'utf-8' };
const utf16le = { label: 'utf-16le', name: 'utf-16le' };
const utf16be = { label: 'utf-16be', name: 'utf-16be' };

/** An XML declaration is ASCII and comes first; longer text is not a declaration. In bytes. */
const maxDeclaration = 256;

/** Null for a label that the platform does not know. */
function toEncoding(label: string | null): NamedEncoding | null {
  return label === null ? null : (named(label) ?? named(respell(label)));
}

function named(label: string): NamedEncoding | null {
  try {
    return { label, name: new TextDecoder(label).encoding };
  } catch {
    return null;
  }
}

/** The `charset` parameter of a Content-Type. */
export function headerEncoding(contentType: string | null): NamedEncoding | null {
  const match = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i.exec(contentType ?? '');
  return toEncoding((match?.[1] ?? match?.[2])?.trim().toLowerCase() ?? null);
}

/**
 * A byte order mark overrides the declaration, which overrides Content-Type: libxml ignores the header. Null while
 * the bytes so far are inconclusive. Throws XmlError for an encoding that the platform does not know.
 */
export function detectEncoding(
  bytes: Uint8Array,
  header: NamedEncoding | null,
  isLast: boolean,
): DetectedEncoding | null {
  if (bytes.length < 4 && !isLast) return null;
  const wide = wideEncoding(bytes);
  if (wide) {
    const start = bytes.subarray(wide.skip, wide.skip + 2 * maxDeclaration);
    const declared = declaredLabel(start.filter(Boolean), isLast || start.length === 2 * maxDeclaration);
    if (declared === undefined) return null;
    const isNamed = declared === null ? wide.skip > 0 : /^utf-?(?:8|16)/.test(declared);
    return { ...wide, isGuess: !isNamed };
  }
  const { skip, hasMark } = leadingBytes(bytes);
  const declared = declaredLabel(bytes.subarray(skip), isLast);
  if (declared === undefined) return null;
  const encoding = toEncoding(declared);
  const isUtf8 = declared === null || encoding?.name === 'utf-8';
  if (hasMark || isUtf8) return { encoding: utf8, skip, isGuess: !isUtf8 };
  if (encoding && !isWide(encoding)) return { encoding, skip, isGuess: false };
  // The document names an encoding that it cannot have, so only the header is left.
  if (!header || isWide(header)) throw new XmlError('a charset that is not supported');
  return { encoding: header, skip, isGuess: true };
}

export function isWide({ name }: NamedEncoding): boolean {
  return name.startsWith('utf-16');
}

/** UTF-16 by its byte order mark or, as in XML 1.0 appendix F, by the zero byte beside its first character. */
function wideEncoding([first = 0, second = 0]: Uint8Array): Pick<
  DetectedEncoding,
  'encoding' | 'skip'
> | null {
  if (first === 0xff && second === 0xfe) return { encoding: utf16le, skip: 2 };
  if (first === 0xfe && second === 0xff) return { encoding: utf16be, skip: 2 };
  if (second === 0 && (first === 0x3c || isSpace(first))) return { encoding: utf16le, skip: 0 };
  if (first === 0 && (second === 0x3c || isSpace(second))) return { encoding: utf16be, skip: 0 };
  return null;
}

/** PHP writes a blank line or a byte order mark for each included file that starts with one. */
function leadingBytes(bytes: Uint8Array): { readonly skip: number; readonly hasMark: boolean } {
  let skip = 0;
  let hasMark = false;
  for (;;) {
    if (isSpace(bytes[skip])) skip += 1;
    else if (bytes[skip] === 0xef && bytes[skip + 1] === 0xbb && bytes[skip + 2] === 0xbf) {
      hasMark = true;
      skip += 3;
    } else return { skip, hasMark };
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Null if the document declares no encoding; undefined while a declaration may still arrive. */
function declaredLabel(start: Uint8Array, isLast: boolean): string | null | undefined {
  const text = String.fromCharCode(...start.subarray(0, maxDeclaration));
  // A partial byte order mark may precede a declaration too.
  const isOpen = '<?xml '.startsWith(text.slice(0, 6)) || '\xef\xbb\xbf'.startsWith(text.slice(0, 3));
  if (!/^<\?xml[ \t\r\n]/.test(text)) return isOpen && !isLast ? undefined : null;
  const end = text.indexOf('?>');
  if (end < 0) return isLast || text.length === maxDeclaration ? null : undefined;
  const match = /[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([^"']*)["']/.exec(text.slice(0, end));
  return match?.[1]?.toLowerCase() ?? null;
}
