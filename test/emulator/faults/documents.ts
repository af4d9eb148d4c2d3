/** Faults in the XML of a response: equivalent spellings, and invalid ones. */
import { type Answer, failed, xmlType } from '../answer.ts';
import { type Bytes, collect, encode } from '../bytes.ts';
import { all, type Fault, type FaultContext, listOnly } from './fault.ts';

/** The text of the correct response. For a download's audio, the page's "File not found" is used instead. */
export async function readXml(context: FaultContext): Promise<{ answer: Answer; xml: string }> {
  const right = await context.answer();
  const answer = right.headers['content-type'] === xmlType ? right : failed(404, 'File not found');
  return { answer, xml: new TextDecoder().decode(await collect(answer.chunks)) };
}

export function withBytes(answer: Answer, bytes: Bytes): Answer {
  return { ...answer, chunks: [bytes], length: bytes.length };
}

function rewritten(description: string, rewrite: (xml: string, context: FaultContext) => string): Fault {
  return {
    description,
    actions: all,
    async apply(context) {
      const { answer, xml } = await readXml(context);
      return withBytes(answer, encode(rewrite(xml, context)));
    },
  };
}

export function rewrittenList(description: string, rewrite: (xml: string) => string): Fault {
  return { ...rewritten(description, rewrite), actions: listOnly };
}

/** Rewrites each text between a start tag and its end tag. */
function eachText(xml: string, rewrite: (text: string) => string): string {
  return xml.replace(
    /(<(\w+)>)([^<]+)(?=<\/\2>)/g,
    (_, tag: string, __, text: string) => tag + rewrite(text),
  );
}

function reference(character: string, index: number): string {
  const code = character.codePointAt(0) ?? 0;
  return index % 2 ? `&#${code};` : `&#x${code.toString(16)};`;
}

const lure = '</recording></data></response>';

const billionLaughs = [
  '<!ENTITY l0 "lol">',
  ...Array.from({ length: 9 }, (_, level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(10)}">`),
].join('\n');

export const documentFaults = {
  declaration: rewritten(
    'an XML declaration first',
    (xml) => `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`,
  ),
  cdata: rewritten('every text in a CDATA section, one of which contains end tags', (xml) =>
    eachText(xml, (text) => `<![CDATA[${text}]]>`).replace(
      '<result>',
      `<note><![CDATA[${lure}]]></note>\n<result>`,
    ),
  ),
  entities: rewritten('every character of every text as a character reference', (xml) =>
    eachText(xml, (text) => Array.from(text, reference).join('')),
  ),
  attributes: rewritten('attributes on every element, with angle brackets in their values', (xml) =>
    xml.replace(/<(\w+)>/g, `<$1 xml:id='1' note="a > b, &lt;/recording>">`),
  ),
  comments: rewritten('comments that contain end tags, everywhere, even inside texts', (xml) =>
    eachText(xml, (text) => `${text.slice(0, 3)}<!-- ${lure} -->${text.slice(3)}`).replace(
      /\n/g,
      `\n<!-- ${lure} -->`,
    ),
  ),
  'processing-instructions': rewritten('processing instructions that contain end tags', (xml) =>
    xml.replace(/\n/g, `\n<?vendor ${lure}?>`),
  ),
  whitespace: rewritten('white space around and inside tags, and lines that end in CR LF', (xml) =>
    xml.replace(/<(\/?\w+)>(?=\s|$)/g, '\r\n\t <$1\r\n >  ').replace(/<(\w+)>/g, '<$1\t>'),
  ),
  'unknown-elements': rewritten('unknown elements, nested, with the known names inside', (xml) =>
    xml.replace(
      /<(result|sid)>/g,
      '<extra><sid>666</sid><result>failed</result><data><recording><sid>667</sid></recording></data></extra>\n<$1>',
    ),
  ),
  'proto-elements': rewritten('elements called __proto__ and constructor', (xml) =>
    xml.replace(
      /<(result|sid)>/g,
      '<__proto__><sid>666</sid><polluted>yes</polluted></__proto__><constructor><prototype><polluted>yes</polluted></prototype></constructor><toString>1</toString>\n<$1>',
    ),
  ),
  'padded-values': rewritten('spaces and line breaks around every text', (xml) =>
    eachText(xml, (text) => `\n   ${text} \n`),
  ),
  'cut-xml': rewritten(
    'a document that ends in the middle (setting at), in a complete HTTP response',
    (xml, { settings }) => xml.slice(0, Math.floor(xml.length * (settings.at ?? 0.5))),
  ),
  'trailing-garbage': rewritten(
    'text after the root element',
    (xml) => `${xml}\nWarning: mysql_connect() in ibp_api.php`,
  ),
  'leading-garbage': rewritten(
    'text before the root element',
    (xml) => `Warning: mysql_connect() in ibp_api.php\n${xml}`,
  ),
  'two-documents': rewritten('the whole document twice', (xml) => `${xml}\n${xml}`),
  'mismatched-tags': rewritten('an end tag of another name', (xml) => xml.replace('</result>', '</results>')),
  'bare-ampersand': rewritten('an ampersand that is not escaped', (xml) =>
    xml.replace('<result>', '<note>a & b</note><result>'),
  ),
  'control-characters': rewritten('characters that XML forbids', (xml) =>
    xml.replace('<result>', '<note>\0\x01\x1b</note><result>'),
  ),
  'duplicate-result': rewritten('two results that contradict each other', (xml) =>
    xml.replace('<result>', '<result>failed</result>\n<result>'),
  ),
  'missing-result': rewritten('no result', (xml) => xml.replace(/<result>.*<\/result>/, '')),
  'unknown-result': rewritten('a result that is neither success nor failed', (xml) =>
    xml.replace(/<result>.*<\/result>/, '<result>maybe</result>'),
  ),
  'other-root': rewritten('another root element', (xml) => xml.replaceAll('response>', 'reply>')),
  dtd: rewritten('a document type that declares nothing', (xml) => `<!DOCTYPE response>\n${xml}`),
  'dtd-entities': rewritten('a document type with entities that expand to three gigabytes', (xml) =>
    `<!DOCTYPE response [\n${billionLaughs}\n]>\n${xml}`.replace('<result>', '<note>&l9;</note><result>'),
  ),
  'external-entity': rewritten('a document type with an external entity', (xml, { request }) => {
    const trap = new URL('/_emulator/trap', request.url).href;
    const type = `<!DOCTYPE response [<!ENTITY x SYSTEM "${trap}"><!ENTITY y SYSTEM "file:///etc/passwd">]>`;
    return `${type}\n${xml}`.replace('<result>', '<note>&x;&y;</note><result>');
  }),
  'deep-nesting': rewritten('a hundred thousand nested elements', (xml) =>
    xml.replace('<result>', `${'<x>'.repeat(100_000)}${'</x>'.repeat(100_000)}<result>`),
  ),
} as const satisfies Record<string, Fault>;
