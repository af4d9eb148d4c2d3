/** Classes of documents that are not well-formed, by the production of XML 1.0 that they break, at several positions. */
import type { ListWarningCode } from '../../src/legacy/list/list-warning.ts';

export interface NotWellFormed {
  readonly name: string;
  readonly xml: string;
  /** The gateway's repair; null if it rejects the document. */
  readonly repair: ListWarningCode | null;
}

interface Places {
  readonly declaration?: string;
  readonly before?: string;
  readonly root?: string;
  readonly data?: string;
  readonly record?: string;
  readonly value?: string;
  readonly after?: string;
}

/** A list of two, with text inserted at each of the positions. */
function document({ declaration, before, root, data, record, value, after }: Places): string {
  const one = `<recording><sid>1</sid>${record ?? ''}<dnis>a${value ?? ''}b</dnis></recording>`;
  const two =
    '<recording><sid>2</sid><dnis/><number_connected/><minutes/><date>2019-02-20 20:42:11</date></recording>';
  const inner = `${root ?? ''}<result>success</result><data>${one}${data ?? ''}${two}</data>`;
  return `${declaration ?? ''}${before ?? ''}<response>${inner}</response>${after ?? ''}`;
}

const inRoot = ['root', 'data', 'record', 'value'] as const;
const anywhere = ['before', ...inRoot, 'after'] as const;

const at = (places: readonly (keyof Places)[], repair: ListWarningCode | null, inserts: readonly string[]) =>
  inserts.flatMap((insert) =>
    places.map((place) => ({
      name: `${JSON.stringify(insert)} (${place})`,
      xml: document({ [place]: insert }),
      repair,
    })),
  );

/** Constructs by the section that they break. Entities and notations need a DTD, which is rejected. */
const structure = [
  // 2.2 and 2.3: names.
  ...[
    '<1/>',
    '<-a/>',
    '<.a/>',
    '<a$/>',
    '<a\u00d7/>',
    '<\u0300a/>',
    '< a/>',
    '<>x</>',
    '<a/ >',
    '<a / >',
    '<a\u00a0b="1"/>',
  ],
  ...['<a\x01/>', '<a\ufffe/>', '<\x00/>', '</ a>', '<a></ a>'],
  // 2.4: character data.
  ...['<', '< ', '<<a/>', 'a < b', 'a<5', '<a', '<a b', '<a b="1"', '</', '</x'],
  // 2.5: comments.
  ...[
    '<!-- -- -->',
    '<!-- --->',
    '<!--->',
    '<!-->',
    '<!-',
    '<!- a -->',
    '<!--',
    '<!-- a --',
    '<! -- a -->',
    '<!---->-->'.slice(0, 5),
  ],
  // 2.6: instructions.
  ...['<??>', '<? a?>', '<?a', '<?a?', '<?a?b?>', '<?a>', '<?1 a?>', '<?xml?>', '<?XML a?>', '<?xMl a?>'],
  // 2.7: CDATA.
  ...[
    '<![CDATA[',
    '<![CDATA[a]]',
    '<![cdata[a]]>',
    '<![CDATA a]]>',
    '<! [CDATA[a]]>',
    '<![CDATA [a]]>',
    '<![RAW[a]]>',
    '<![ CDATA[a]]>',
  ],
  // 2.8: declarations inside the document.
  ...[
    '<!DOCTYPE a>',
    '<!doctype a>',
    '<!DOCTYPE a [<!ELEMENT a ANY>]>',
    '<!ENTITY a "b">',
    '<!ELEMENT a ANY>',
    '<!ATTLIST a b CDATA #IMPLIED>',
    '<!NOTATION a SYSTEM "b">',
    '<![IGNORE[a]]>',
    '<![INCLUDE[a]]>',
  ],
  // 3.1: tags and attributes.
  ...[
    '<a>',
    '</a>',
    '<a></b>',
    '<a></A>',
    '<a><b></a></b>',
    '<a></a',
    '<a b/>',
    '<a b=/>',
    '<a b=1/>',
    '<a b="1/>',
    '<a b=\'1"/>',
    '<a "b"/>',
    '<a b="1"c="2"/>',
    '<a b="1" b="2"/>',
    "<a b='1' c='2' b='3'/>",
  ],
  ...[
    '<a b="<"/>',
    '<a b="<c/>"/>',
    '<a =""/>',
    '<a b=""/ >',
    '<a/b="1">',
    '</a b="1">',
    '<a></a b="1">',
    '<a 1="b"/>',
    '<a b = = "1"/>',
    '<a/></a>',
    '<br><hr>',
    '<a:b></b>',
  ],
] as const;

const onlyInText = [']]>', 'a]]>b', ']]]>', ']]&gt;]]>'];

const declarations = [
  '<?xml?>',
  '<?xml version="2.0"?>',
  '<?xml version=""?>',
  '<?xml version="1.a"?>',
  '<?xml version=1.0?>',
  '<?xml version="1.0\'?>',
  '<?xml encoding="UTF-8"?>',
  '<?xml encoding="UTF-8" version="1.0"?>',
  '<?xml version="1.0" standalone="yes" encoding="UTF-8"?>',
  '<?xml version="1.0"encoding="UTF-8"?>',
  '<?xml version="1.0" encoding=""?>',
  '<?xml version="1.0" encoding="-utf"?>',
  '<?xml version="1.0" encoding=" UTF-8"?>',
  '<?xml version="1.0" standalone="maybe"?>',
  '<?xml version="1.0" standalone="YES"?>',
  '<?xml version="1.0" version="1.0"?>',
  '<?xml version="1.0" other="1"?>',
  '<?xml version="1.0">',
  '<?xml version="1.0"? >',
  '<? xml version="1.0"?>',
  '<?XML version="1.0"?>',
  '<?xml VERSION="1.0"?>',
  '<?xml version="1.0"?><?xml version="1.0"?>',
  '<!-- --><?xml version="1.0"?>',
];

const outside = [
  'a',
  '&amp;',
  '&',
  '&#32;',
  '<![CDATA[]]>',
  '<![CDATA[a]]>',
  '<a/>',
  '<response/>',
  '</response>',
  ']]>',
];

export const notWellFormed: readonly NotWellFormed[] = [
  ...at(anywhere, null, structure),
  ...at(inRoot, null, onlyInText),
  ...at([...inRoot, 'after'], null, ['<?xml version="1.0"?>']),
  ...at(['before', 'after'], null, outside),
  ...declarations.map((declaration) => ({ name: declaration, xml: document({ declaration }), repair: null })),
  ...at(inRoot, 'unescaped-ampersand', [
    '&',
    '& ',
    '&a',
    '&;',
    '&#;',
    '&#x;',
    '&a;',
    '&#a;',
    '&#xg;',
    '&#65',
    '&#X41;',
    '&amp',
    '& amp;',
    '&1;',
    '&a b;',
  ]),
  ...at(inRoot, 'html-entity', ['&nbsp;', '&eacute;', '&AMP;', '&Lt;']),
  ...at(inRoot, 'invalid-character', [
    '\x00',
    '\x01',
    '\x08',
    '\x0b',
    '\x0c',
    '\x0e',
    '\x1f',
    '\ufffe',
    '\uffff',
    '&#0;',
    '&#1;',
    '&#x1F;',
    '&#xD800;',
    '&#xDFFF;',
    '&#xFFFE;',
    '&#xFFFF;',
    '&#x110000;',
    '&#99999999999;',
  ]),
  ...at(anywhere, 'invalid-character', ['<!-- \x01 -->', '<!--\ufffe-->', '<?a \x01?>', '<?a \uffff?>']),
  ...at(inRoot, 'invalid-character', ['<![CDATA[\x01]]>', '<a b="\x01"/>', "<a b='&#0;'/>"]),
  ...at(inRoot, 'unescaped-ampersand', ['<a b="&"/>', "<a b='a&b'/>", '<a b="&c;"/>']),
  ...at(['after'], 'invalid-character', ['<!-- \x00 -->', '\x1a', '\x00', '\n\x1a\n']),
];

/** Similar constructs that are allowed. */
export const wellFormed: readonly Pick<NotWellFormed, 'name' | 'xml'>[] = [
  ...at(anywhere, null, [
    '',
    ' \t\r\n',
    '<!---->',
    '<!-- - -->',
    '<!-- & < > ]]> -->',
    '<?a?>',
    '<?a ??>',
    '<?a ? & <?>',
    '<?xml-a b?>',
    '<!-- <![CDATA[ -->',
  ]),
  ...at(inRoot, null, [
    '<a/>',
    '<a />',
    '<a></a >',
    '<a b="1"\n/>',
    "<a b = '1'/>",
    '<a b=">" c="\'" d=\'"\'/>',
    '<a b="]]>"/>',
    '<é/>',
    '<_:a-.1/>',
    '<x:y/>',
    '<a xmlns:x="u" x:b="1" b="2"/>',
    '<\u2c00/>',
    '<\u{10000}/>',
  ]),
  ...at(inRoot, null, [
    '<![CDATA[]]>',
    '<![CDATA[ & < <a> <!-- ]] ]]>',
    ']]',
    ']] >',
    '>',
    '"',
    "'",
    '&gt;&lt;&amp;&quot;&apos;',
    '&#65;&#x41;',
    '&#x10FFFF;',
    '\x7f\x85\u2028\ufffd\u{10ffff}',
  ]),
  ...[
    '<?xml version="1.0"?>',
    "<?xml version='1.0' encoding='utf-8' standalone='no' ?>",
    '<?xml  version = "1.1"?>',
  ].map((declaration) => ({ name: declaration, xml: document({ declaration }) })),
];
