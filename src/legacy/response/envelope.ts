/** The envelope that every answer of the old API comes in, but for audio. */
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { LegacyError } from '../failure.ts';
import { createXmlDecoder } from '../xml/charset.ts';
import { XmlError } from '../xml/error.ts';
import { createXmlParser } from '../xml/parser.ts';
import type { XmlRepair } from '../xml/repair.ts';

export interface Envelope {
  readonly result: 'success' | 'failed';
  /** The legacy's own words, trimmed; empty where there are none. */
  readonly description: string;
  /** Present where single characters were repaired. */
  readonly repairs?: readonly XmlRepair[];
}

export interface AnswerHead {
  /** Of HTTP. */
  readonly status: number;
  readonly contentType: string | null;
}

/**
 * Names get a dot in front, which no XML name has: whatever an element is called (`__proto__`, `constructor`), it is a
 * harmless property. The parser applies this twice to an empty element.
 */
const toProperty = (name: string) => (name.startsWith('.') ? name : `.${name}`);

const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  strictReservedNames: false,
  transformTagName: toProperty,
});

/** Doubled elements become an array and nested ones an object, so neither passes. */
const schema = z.object({
  '.response': z.object({
    '.result': z
      .string()
      .transform((text) => text.trim().toLowerCase())
      .pipe(z.enum(['success', 'failed'])),
    '.result_description': z.string().trim().default(''),
  }),
});

/** The whole of an answer. Throws LegacyError `invalid-response` for whatever is no envelope of this API. */
export function parseEnvelope(bytes: Uint8Array, head: AnswerHead): Envelope {
  try {
    return readEnvelope(decode(bytes, head.contentType));
  } catch (cause) {
    if (!(cause instanceof XmlError)) throw cause;
    throw new LegacyError(
      { kind: 'invalid-response', status: head.status, reason: cause.message },
      { cause },
    );
  }
}

function readEnvelope(text: string): Envelope {
  const { xml, repairs } = normalize(text);
  const parsed = schema.safeParse(parser.parse(xml));
  if (!parsed.success) throw new XmlError('XML that is not an envelope of this API');
  const { '.result': result, '.result_description': description } = parsed.data['.response'];
  return { result, description, ...(repairs.length > 0 && { repairs }) };
}

/**
 * Stands before fast-xml-parser, which accepts documents that are not well-formed. Writes the document as PHP reads it:
 * the root, its elements and their own text, without what stands inside those or between them.
 */
function normalize(text: string): { readonly xml: string; readonly repairs: readonly XmlRepair[] } {
  const repairs: XmlRepair[] = [];
  const names: string[] = [];
  let xml = '';
  const reader = createXmlParser({
    open(name) {
      names.push(names.length === 0 ? localName(name) : name);
      if (names.length <= 2) xml += `<${names.at(-1)}>`;
    },
    text(part) {
      if (names.length === 2) xml += escapeText(part);
    },
    close() {
      if (names.length <= 2) xml += `</${names.at(-1)}>`;
      names.pop();
    },
    repaired: (repair) => repairs.push(repair),
  });
  reader.write(text);
  reader.end();
  return { xml, repairs };
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}

function decode(bytes: Uint8Array, contentType: string | null): string {
  const decoder = createXmlDecoder(contentType);
  return decoder.decode(bytes) + decoder.end();
}
