/** Reads a reference such as `&amp;` or `&#233;`, and repairs those that XML does not define. */
import { htmlEntities } from './html-entities.ts';

type ReferenceRepair = 'unescaped-ampersand' | 'html-entity' | 'invalid-character';

const reference = /&(?:#(?:x([\da-fA-F]+)|(\d+))|(\w+));/y;
/** A longer reference is treated as an ampersand. In characters. */
export const maxReference = 256;
const predefined = new Set(['amp', 'lt', 'gt', 'quot', 'apos']);

export interface ReferenceStep {
  /** Where to continue reading. */
  readonly end: number;
  readonly text: string;
  /** Null if XML allows the reference. */
  readonly repair: ReferenceRepair | null;
}

export function readReference(text: string, index: number): ReferenceStep {
  reference.lastIndex = index;
  const match = reference.exec(text);
  const isReference = match && match[0].length <= maxReference;
  if (!isReference) return { end: index + 1, text: '&amp;', repair: 'unescaped-ampersand' };
  const end = index + match[0].length;
  const [whole, hexadecimal, decimal, name] = match;
  if (name === undefined) {
    const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
    return { end, text: '\ufffd', repair: isXmlChar(code) ? null : 'invalid-character' };
  }
  if (predefined.has(name)) return { end, text: whole, repair: null };
  const decoded = htmlEntities().get(name);
  if (decoded === undefined) return { end: index + 1, text: '&amp;', repair: 'unescaped-ampersand' };
  const references = Array.from(decoded, (char) => `&#${char.codePointAt(0)};`);
  return { end, text: references.join(''), repair: 'html-entity' };
}

function isXmlChar(code: number): boolean {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}
