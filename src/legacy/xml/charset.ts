/** Decodes bytes to text in chunks of any size; a byte outside the encoding leaves a marker for the repair. */
import {
  type DetectedEncoding,
  detectEncoding,
  headerEncoding,
  isWide,
  type NamedEncoding,
} from './encoding.ts';
import {
  createMultiByteSource,
  createSingleByteSource,
  isMultiByte,
  join,
  marks,
  type TextSource,
} from './text-source.ts';
import { createUtf8Source } from './utf-8-source.ts';

export interface XmlDecoder {
  /** Throws XmlError for an encoding that the platform does not know. */
  decode(chunk: Uint8Array): string;
  /** The rest of the last chunk. */
  end(): string;
}

export function createXmlDecoder(contentType: string | null): XmlDecoder {
  const header = headerEncoding(contentType);
  let start: Uint8Array = new Uint8Array();
  let source: TextSource | null = null;
  let hasText = false;

  function read(chunk: Uint8Array, isLast: boolean): string {
    if (source) return begin(source.decode(chunk, isLast));
    start = start.length === 0 ? chunk.slice() : join(start, chunk);
    const found = detectEncoding(start, header, isLast);
    if (!found) return '';
    source = openSource(found, header);
    const text = source.decode(start.subarray(found.skip), isLast);
    start = new Uint8Array();
    return (found.isGuess ? marks.reread : '') + begin(text);
  }

  /** Skips text that may precede the document. */
  function begin(text: string): string {
    if (hasText) return text;
    const rest = text.replace(/^[\ufeff \t\r\n]+/, '');
    hasText = rest !== '';
    return rest;
  }

  return {
    decode: (chunk) => read(chunk, false),
    end: () => read(new Uint8Array(), true),
  };
}

function openSource({ encoding }: DetectedEncoding, header: NamedEncoding | null): TextSource {
  const fallback = header && !isWide(header) && !isAscii(header) ? header : null;
  if (encoding.name === 'utf-8' || isAscii(encoding)) {
    return createUtf8Source({ fallback, isAscii: isAscii(encoding) });
  }
  return isMultiByte(encoding) ? createMultiByteSource(encoding) : createSingleByteSource(encoding);
}

/** The Encoding Standard decodes ASCII as Windows-1252. */
function isAscii({ label }: NamedEncoding): boolean {
  return /^(?:us-)?ascii$/.test(label);
}
