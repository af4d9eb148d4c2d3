/** The envelope that every answer of the old API comes in, but for audio. */
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { LegacyError } from '../failure.ts';
import { createXmlDecoder } from '../xml/charset.ts';
import { XmlError } from '../xml/error.ts';
import { createXmlParser } from '../xml/parser.ts';

export interface Envelope {
  readonly result: 'success' | 'failed';
  /** The legacy's own words, trimmed; empty where there are none. */
  readonly description: string;
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
  assertWellFormed(text);
  const parsed = schema.safeParse(parser.parse(text));
  if (!parsed.success) throw new XmlError('XML that is not an envelope of this API');
  const response = parsed.data['.response'];
  return { result: response['.result'], description: response['.result_description'] };
}

/** What stands before fast-xml-parser, which takes much for XML that is none. */
function assertWellFormed(text: string): void {
  const check = createXmlParser({ open() {}, text() {}, close() {} });
  check.write(text);
  check.end();
}

function decode(bytes: Uint8Array, contentType: string | null): string {
  const decoder = createXmlDecoder(contentType);
  return decoder.decode(bytes) + decoder.end();
}
