/** Reads the envelope of a legacy response; every response except audio has one. */
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { LegacyError } from '../failure.ts';
import { createXmlDecoder } from '../xml/charset.ts';
import { XmlError } from '../xml/error.ts';
import { createXmlParser } from '../xml/parser.ts';
import type { XmlRepair } from '../xml/repair.ts';

export interface Envelope {
  readonly result: 'success' | 'failed';
  /** The legacy service's own description, trimmed; empty without one. */
  readonly description: string;
  /** Present if single characters were repaired. */
  readonly repairs?: readonly XmlRepair[];
}

export interface ResponseHead {
  /** HTTP status. */
  readonly status: number;
  readonly contentType: string | null;
}

/**
 * Names get a leading dot, which XML names cannot have, so that an element called `__proto__` or `constructor` is an
 * ordinary property. The parser applies this twice to an empty element.
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

/** Rejects repeated elements, which become an array, and nested ones, which become an object. */
const schema = z.object({
  '.response': z.object({
    '.result': z
      .string()
      .transform((text) => text.trim().toLowerCase())
      .pipe(z.enum(['success', 'failed'])),
    '.result_description': z.string().trim().default(''),
  }),
});

/** Parses a complete response. Throws LegacyError `invalid-response` if it is not an envelope of this API. */
export function parseEnvelope(bytes: Uint8Array, head: ResponseHead): Envelope {
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
 * Runs before fast-xml-parser, which accepts documents that are not well-formed. Writes the document as PHP reads it:
 * the root, its elements and their own text, without nested elements and text between elements.
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
