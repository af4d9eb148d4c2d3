/** Decodes text from encodings older than Unicode, and from UTF-16. */
import type { NamedEncoding } from './encoding.ts';

export interface TextSource {
  decode(chunk: Uint8Array, isLast: boolean): string;
}

/** Lone surrogates, which no decoder produces. */
export const marks = {
  /** The next character was decoded with another encoding than the document's. */
  reread: '\udffe',
  /** Stands for a byte that no encoding decodes. */
  lost: '\udfff',
} as const;

const multiByte = new Set([
  'utf-8',
  'utf-16le',
  'utf-16be',
  'gbk',
  'gb18030',
  'big5',
  'euc-jp',
  'iso-2022-jp',
  'shift_jis',
  'euc-kr',
]);

export function isMultiByte({ name }: NamedEncoding): boolean {
  return multiByte.has(name);
}

/** A replacement character in the document itself counts as a lost byte, since the text is the same. */
export function createMultiByteSource({ name }: NamedEncoding): TextSource {
  const decoder = new TextDecoder(name, { fatal: false, ignoreBOM: true });
  return {
    decode: (chunk, isLast) => decoder.decode(chunk, { stream: !isLast }).replaceAll('\ufffd', marks.lost),
  };
}

export function createSingleByteSource(encoding: NamedEncoding): TextSource {
  const table = readTable(encoding);
  return {
    decode(chunk) {
      let text = '';
      for (const byte of chunk) text += table[byte];
      return text;
    },
  };
}

/**
 * The text of each byte. The Encoding Standard decodes ISO-8859-1 as Windows-1252, which is what PHP means by it, and
 * maps unused bytes of Windows encodings to control characters. libxml does neither, so both are marked.
 */
export function readTable({ label, name }: NamedEncoding): readonly string[] {
  const decoder = new TextDecoder(name);
  const isWindows = /^(?:x-)?(?:windows|cp)/.test(label);
  return Array.from({ length: 256 }, (_, byte) => {
    const char = decoder.decode(Uint8Array.of(byte));
    if (byte < 0x80) return char;
    if (char === '\ufffd') return marks.lost;
    const isControl = byte < 0xa0 && char.charCodeAt(0) === byte;
    if (isWindows) return isControl ? marks.lost : char;
    const isExtended = name.startsWith('windows') && byte < 0xa0 && !isControl;
    return isExtended ? marks.reread + char : char;
  });
}

export function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
