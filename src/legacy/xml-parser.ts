/** A strict parser of XML as it arrives: what is not well-formed is refused, and what would cost too much as well. */
import { SaxesParser } from 'saxes';
import { XmlError } from './xml-error.ts';

/** A tag, a comment, a stretch of text, a CDATA section or an instruction, in characters. */
export const maxToken = 64 * 1024;
export const maxDepth = 32;

/** What a document is made of. Comments and instructions are no part of it; CDATA and references are text. */
export interface XmlHandler {
  open(name: string): void;
  text(text: string): void;
  close(): void;
}

export interface XmlParser {
  /** Characters read so far. */
  readonly position: number;
  /** Whether the last character that was read is the last one of a tag. */
  readonly atTagEnd: boolean;
  /** Throws XmlError, as `end` does; after that the parser is of no more use. */
  write(text: string): void;
  /** Throws XmlError where the document is not complete. */
  end(): void;
}

export function createXmlParser(handler: XmlHandler): XmlParser {
  // XML 1.0, section 2.8: a document that says it is 1.x is read by the rules of 1.0.
  const parser = new SaxesParser({ position: false, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  let isStarted = false;
  let depth = 0;
  let tokenEnd = 0;
  let tagEnd = -1;

  function endToken(): void {
    const { position } = parser;
    if (position - tokenEnd > maxToken)
      throw new XmlError(`markup or text of more than ${maxToken} characters`);
    tokenEnd = position;
  }

  /** The parser's own errors quote the document. */
  function guard(step: () => void): void {
    try {
      step();
      if (parser.position - tokenEnd > maxToken) endToken();
    } catch (cause) {
      if (cause instanceof XmlError) throw cause;
      throw new XmlError('XML that is not well-formed', { cause });
    }
  }

  parser.on('doctype', () => {
    throw new XmlError('a document type declaration');
  });
  parser.on('xmldecl', endToken);
  parser.on('comment', endToken);
  parser.on('processinginstruction', ({ body }) => {
    endToken();
    // The parser takes `<?a?b?>` for `<?a ?b?>`, and only the second is well-formed (XML 1.0, section 2.6).
    if (body.startsWith('?')) throw new XmlError('XML that is not well-formed');
  });
  parser.on('text', (text) => {
    endToken();
    handler.text(text);
  });
  parser.on('cdata', (text) => {
    endToken();
    handler.text(text);
  });
  parser.on('opentag', ({ name }) => {
    endToken();
    tagEnd = parser.position;
    depth += 1;
    if (depth > maxDepth) throw new XmlError(`elements nested more than ${maxDepth} deep`);
    handler.open(name);
  });
  parser.on('closetag', () => {
    endToken();
    tagEnd = parser.position;
    depth -= 1;
    handler.close();
  });

  return {
    get position() {
      return parser.position;
    },
    get atTagEnd() {
      return parser.position === tagEnd;
    },
    write(text) {
      if (text === '') return;
      // The byte order mark is the decoder's; the parser would let a second one pass.
      if (!isStarted && text.startsWith('\uFEFF')) throw new XmlError('XML that is not well-formed');
      isStarted = true;
      guard(() => parser.write(text));
    },
    end() {
      if (!isStarted) throw new XmlError('an empty body');
      guard(() => parser.close());
    },
  };
}
