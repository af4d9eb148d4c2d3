/** Lists as bytes: in several encodings, with contradicting headers, and with damaged parts. */
import fc from 'fast-check';
import { listDocuments } from './list-documents.ts';

export interface SentList {
  readonly bytes: Uint8Array;
  readonly contentType: string | null;
}

/** Text with a special meaning, for insertion anywhere in a document. */
const markup = [
  '',
  '<',
  '>',
  ']]>',
  '<!--',
  '-->',
  '--',
  '<![CDATA[',
  '<br />',
  '<br>',
  '<b>x</b>',
  '</recording>',
  '<recording>',
  '<recording></recording>',
  '<sid></sid>',
  '<sid>7</sid>',
  '<sid/>',
  '<data>',
  '</data>',
  '</response>',
  '<x:y/>',
  '<x a="1" a="2"/>',
  '<x a=1/>',
  '<x a="&"/>',
  '<x a="<"/>',
  '<x a="\x01"/>',
  '<!-- \x01 -->',
  '<?x \x01?>',
  '<![CDATA[\x01]]>',
  '<![CDATA[a & b]]>',
  '<?xml version="1.0"?>',
  '<?XML x?>',
  '<?a?b?>',
  '<!DOCTYPE a>',
  '<!ENTITY a "b">',
  '<?',
  '?>',
  '"',
  "'",
];

/** Single characters and references, which are repaired if XML forbids them. */
const characters = [
  'Warning: x',
  '&#;',
  '&;',
  '&#65',
  '&#X41;',
  '&#x110000;',
  '&#xD800;',
  '&#x1a;',
  '&#0;',
  '&amp',
  '&unknown;',
  '&nbsp;',
  '&eacute;',
  '&amp;',
  'AT&T',
  '& ',
  '&',
  '\x00',
  '\x1a',
  '\x0b',
  '\x7f',
  '\x85',
  '\ufffe',
  '\uffff',
  '\ufffd',
  '\ufeff',
  'é',
  '€',
  '😀',
  'x',
  ' ',
  '\r',
  '\n',
];

const edit = fc.tuple(
  fc.nat({ max: 1_000_000 }),
  fc.oneof(
    { weight: 9, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 30 }) },
  ),
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...characters) },
    { weight: 1, arbitrary: fc.constantFrom(...markup) },
  ),
);

/** A document with a few characters removed or inserted. */
const spoiltDocuments: fc.Arbitrary<string> = fc
  .tuple(listDocuments, fc.array(edit, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([{ xml }, edits, isInText]) =>
    edits.reduce((text, [place, length, insert]) => {
      // Text starts at the end of a tag.
      const any = place % (text.length + 1);
      const at = isInText ? text.indexOf('>', any) + 1 : any;
      return text.slice(0, at) + insert + text.slice(at + length);
    }, xml),
  );

const units = (text: string) => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
const singleByte = (text: string) =>
  Uint8Array.from(Array.from(text, (char) => Math.min(char.codePointAt(0) ?? 0, 0xff)));
const encoders: Readonly<Record<string, (text: string) => Uint8Array>> = {
  'UTF-8': (text) => new TextEncoder().encode(text),
  'ISO-8859-1': singleByte,
  'windows-1252': singleByte,
  'US-ASCII': singleByte,
  'iso-8859-15': singleByte,
  'koi8-r': singleByte,
  'UTF-16LE': (text) => Uint8Array.from(units(text).flatMap((code) => [code & 255, code >> 8])),
  'UTF-16BE': (text) => Uint8Array.from(units(text).flatMap((code) => [code >> 8, code & 255])),
};

/** Declares the encoding of the bytes, or another one. */
function toBytes(text: string, [written, declared]: readonly [string, string | null]): Uint8Array {
  const body = text.replace(/^[\ufeff\s]*(?:<\?xml [^>]*\?>)?/, '');
  const start = text.slice(0, text.length - body.length).replace(/^\ufeff/, '');
  const mark = written.startsWith('UTF-16') || text.startsWith('\ufeff') ? '\ufeff' : '';
  const declaration = declared === null ? start : `<?xml version="1.0" encoding="${declared}"?>`;
  return (encoders[written] ?? singleByte)(mark + declaration + body);
}

const encodings = fc.oneof(
  { weight: 6, arbitrary: fc.constant(['UTF-8', null] as const) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ['UTF-8', 'UTF-8'] as const,
      ['UTF-8', 'utf8'] as const,
      ['UTF-8', 'ISO-8859-1'] as const,
      ['UTF-8', 'US-ASCII'] as const,
      ['ISO-8859-1', 'ISO-8859-1'] as const,
      ['ISO-8859-1', 'latin1'] as const,
      ['ISO-8859-1', 'UTF-8'] as const,
      ['ISO-8859-1', null] as const,
      ['windows-1252', 'windows-1252'] as const,
      ['windows-1252', 'cp1252'] as const,
      ['iso-8859-15', 'iso-8859-15'] as const,
      ['koi8-r', 'koi8-r'] as const,
      ['US-ASCII', 'us-ascii'] as const,
      ['UTF-16LE', null] as const,
      ['UTF-16LE', 'UTF-16'] as const,
      ['UTF-16BE', 'utf-16'] as const,
      ['UTF-16BE', 'UTF-8'] as const,
      ['UTF-16LE', 'ISO-8859-1'] as const,
      ['UTF-8', 'x-unknown'] as const,
      ['UTF-8', 'UTF-16'] as const,
    ),
  },
);

const contentTypes = fc.constantFrom(
  null,
  'text/xml',
  'text/xml; charset=UTF-8',
  'text/xml; charset=ISO-8859-1',
  'text/xml; charset="us-ascii"',
  'text/xml; charset=unknown',
);

/** Bytes inserted anywhere, as no encoder writes them. */
const byteEdits: fc.Arbitrary<readonly (readonly [number, Uint8Array])[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.array(fc.tuple(fc.nat({ max: 1_000_000 }), fc.uint8Array({ minLength: 1, maxLength: 3 })), {
      minLength: 1,
      maxLength: 2,
    }),
  },
);

export const sentLists: fc.Arbitrary<SentList> = fc
  .record({
    text: fc.oneof(
      { weight: 1, arbitrary: listDocuments.map(({ xml }) => xml) },
      { weight: 3, arbitrary: spoiltDocuments },
    ),
    encoding: encodings,
    byteEdits,
    contentType: contentTypes,
  })
  .map(({ text, encoding, byteEdits, contentType }) => ({
    bytes: byteEdits.reduce<Uint8Array>(
      (bytes, [place, insert]) => {
        const at = place % (bytes.length + 1);
        return Uint8Array.from([...bytes.subarray(0, at), ...insert, ...bytes.subarray(at)]);
      },
      toBytes(text, encoding),
    ),
    contentType,
  }));
