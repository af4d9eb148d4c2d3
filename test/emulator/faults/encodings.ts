/** Faults in the encoding of an XML response. */
import type { Answer } from '../answer.ts';
import { type Bytes, concat, encode } from '../bytes.ts';
import { readXml, withBytes } from './documents.ts';
import { all, type Fault } from './fault.ts';

/** Follows every number_connected of a list; in other responses, it is in an unknown element. */
export const foreignText = {
  'utf-16': 'Zoë €😀',
  'utf-16-be': 'Zoë €😀',
  'latin-1': 'Zoë',
  'latin-1-by-header': 'Zoë',
  'windows-1252': 'Zoë €',
  // The encoding of the byte is unknown, so it is read as U+FFFD.
  'latin-1-undeclared': 'Zo\ufffd',
} as const;

function encoded(description: string, toAnswer: (xml: string, answer: Answer) => Answer): Fault {
  return {
    description,
    actions: all,
    async apply(context) {
      const { answer, xml } = await readXml(context);
      return toAnswer(xml, answer);
    },
  };
}

function declare(encoding: string, xml: string): string {
  return `<?xml version="1.0" encoding="${encoding}"?>\n${xml}`;
}

function addForeign(xml: string, text: string): string {
  const note = xml.replace('<result>', `<note>${text}</note>\n<result>`);
  return note.replaceAll('</number_connected>', ` ${text}</number_connected>`);
}

/** Starts with the byte order mark. */
function toUtf16(text: string, littleEndian: boolean): Bytes {
  const marked = `\ufeff${text}`;
  const view = new DataView(new ArrayBuffer(marked.length * 2));
  for (let index = 0; index < marked.length; index++) {
    view.setUint16(index * 2, marked.charCodeAt(index), littleEndian);
  }
  return new Uint8Array(view.buffer);
}

/** Latin-1, plus the one character of windows-1252 that our texts use. */
function toSingleBytes(text: string): Bytes {
  return Uint8Array.from(text, (character) => (character === '€' ? 0x80 : character.charCodeAt(0)));
}

export const encodingFaults = {
  bom: encoded('a byte order mark first', (xml, answer) => withBytes(answer, encode(`\ufeff${xml}`))),
  'utf-16': encoded('UTF-16, little-endian, declared and with a byte order mark', (xml, answer) =>
    withBytes(answer, toUtf16(declare('UTF-16', addForeign(xml, foreignText['utf-16'])), true)),
  ),
  'utf-16-be': encoded('UTF-16, big-endian, declared and with a byte order mark', (xml, answer) =>
    withBytes(answer, toUtf16(declare('UTF-16', addForeign(xml, foreignText['utf-16-be'])), false)),
  ),
  'latin-1': encoded('ISO-8859-1, declared in the document', (xml, answer) =>
    withBytes(answer, toSingleBytes(declare('ISO-8859-1', addForeign(xml, foreignText['latin-1'])))),
  ),
  'latin-1-by-header': encoded('ISO-8859-1, declared in Content-Type only', (xml, answer) => ({
    ...withBytes(answer, toSingleBytes(addForeign(xml, foreignText['latin-1-by-header']))),
    headers: { ...answer.headers, 'content-type': 'text/xml; charset=ISO-8859-1' },
  })),
  'windows-1252': encoded('windows-1252, declared in the document', (xml, answer) =>
    withBytes(answer, toSingleBytes(declare('windows-1252', addForeign(xml, foreignText['windows-1252'])))),
  ),
  'latin-1-undeclared': encoded('undeclared ISO-8859-1', (xml, answer) =>
    withBytes(answer, toSingleBytes(addForeign(xml, 'Zoë'))),
  ),
  'unknown-encoding': encoded('a declared encoding that does not exist', (xml, answer) =>
    withBytes(answer, encode(declare('x-vendor-7bit', xml))),
  ),
  'invalid-utf-8': encoded('invalid UTF-8 in a document declared as UTF-8', (xml, answer) => {
    const [before = '', ...rest] = declare('UTF-8', xml).split('<result>');
    const spoilt = Uint8Array.of(0xc3, 0x28, 0xed, 0xa0, 0x80, 0xff);
    const parts = [encode(`${before}<note>`), spoilt, encode(`</note><result>${rest.join('<result>')}`)];
    return withBytes(answer, concat(parts));
  }),
} as const satisfies Record<string, Fault>;
