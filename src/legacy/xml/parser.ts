/**
 * A streaming XML parser that repairs single characters, and rejects invalid structure and documents that cost too
 * much.
 */
import { SaxesParser } from 'saxes';
import { XmlError } from './error.ts';
import { createRepairer, type XmlRepair } from './repair.ts';

/** In characters: the largest tag, comment, stretch of text, CDATA section or instruction. */
const maxToken = 64 * 1024;
const maxDepth = 32;

/** Receives the content of a document. Comments and instructions are omitted; CDATA and references are text. */
export interface XmlHandler {
  open(name: string): void;
  text(text: string): void;
  close(): void;
  /** Called after the start of the element whose text was repaired. */
  repaired(repair: XmlRepair): void;
}

export interface XmlParser {
  /** Whether the last character read ends a tag. */
  readonly atTagEnd: boolean;
  /** Throws XmlError, as `end` does; the parser is unusable afterwards. */
  write(text: string): void;
  /** Throws XmlError if the document is incomplete. */
  end(): void;
}

/**
 * The properties in which the parser keeps its handlers. Its method `on` sets them under computed names, so many that
 * V8 turns the parser into a dictionary: measured at a third of the speed.
 */
interface HandlerSlots {
  doctypeHandler: () => void;
  xmldeclHandler: () => void;
  commentHandler: () => void;
  piHandler: () => void;
  textHandler: (text: string) => void;
  cdataHandler: (text: string) => void;
  openTagHandler: (tag: { readonly name: string }) => void;
  closeTagHandler: () => void;
}

export function createXmlParser(handler: XmlHandler): XmlParser {
  // XML 1.0, section 2.8: any document that declares 1.x follows the rules of 1.0.
  const parser = new SaxesParser({ position: false, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  let written = 0;
  let depth = 0;
  let tokenEnd = 0;
  let tagEnd = -1;
  let hasRoot = false;

  function endToken(): void {
    const { position } = parser;
    assertShort(position - tokenEnd);
    tokenEnd = position;
  }

  function addText(text: string): void {
    endToken();
    handler.text(text);
  }

  /** The parser's own errors quote the document, so they are replaced here. */
  function guard(step: () => void): void {
    try {
      step();
    } catch (cause) {
      if (cause instanceof XmlError) throw cause;
      throw new XmlError('XML that is not well-formed');
    }
  }

  const slots = parser as unknown as HandlerSlots;
  slots.doctypeHandler = () => {
    throw new XmlError('a document type declaration');
  };
  slots.xmldeclHandler = endToken;
  slots.commentHandler = endToken;
  slots.piHandler = endToken;
  slots.textHandler = addText;
  slots.cdataHandler = addText;
  slots.openTagHandler = ({ name }) => {
    endToken();
    tagEnd = tokenEnd;
    depth += 1;
    hasRoot = true;
    if (depth > maxDepth) throw new XmlError(`elements nested more than ${maxDepth} deep`);
    handler.open(name);
  };
  slots.closeTagHandler = () => {
    endToken();
    tagEnd = tokenEnd;
    depth -= 1;
    handler.close();
  };

  const repairer = createRepairer({
    get isClosed() {
      return hasRoot && depth === 0;
    },
    write(text) {
      written += text.length;
      guard(() => parser.write(text));
      assertShort(written - tokenEnd);
    },
    repaired: handler.repaired,
  });

  return {
    get atTagEnd() {
      return tagEnd === written && repairer.isIdle;
    },
    write: repairer.write,
    end() {
      repairer.end();
      if (written === 0) throw new XmlError('an empty body');
      guard(() => parser.close());
    },
  };
}

function assertShort(token: number): void {
  if (token > maxToken) throw new XmlError(`markup or text of more than ${maxToken} characters`);
}
