/** Lists in any form that XML allows, generated from their values, so that the expected result is known. */
import fc from 'fast-check';
import {
  type LegacyRecording,
  type RecordingFields,
  toLegacyRecording,
} from '../../src/legacy/list/recording.ts';

export interface ListDocument {
  readonly xml: string;
  readonly recordings: readonly LegacyRecording[];
}

const fieldNames = ['sid', 'dnis', 'number_connected', 'minutes', 'date'] as const;
type FieldName = (typeof fieldNames)[number];

const space = fc.constantFrom('', '', '\n', ' ', '\r\n', '\t', '\r', '  \n  ');

/** Text that must not be read as data. */
const noise = fc.constantFrom(
  '<!---->',
  '<!-- </recording> -->',
  '<!-- <recording><sid>1</sid></recording> <data> -->',
  '<!-- ]]> & < -->',
  '<?php echo "</data>"; ?>',
  '<?x?>',
);

const gap = fc.oneof(
  { weight: 6, arbitrary: space },
  { weight: 1, arbitrary: fc.tuple(space, noise, space).map((parts) => parts.join('')) },
);

const unknown = fc.constantFrom(
  '<extra/>',
  '<extra>text &amp; more</extra>',
  '<extra>text <b>and</b> more</extra>',
  '<duration unit="s">318</duration>',
  '<extra><sid>wrong</sid><recording><sid>wrong</sid></recording></extra>',
  '<extra><![CDATA[</recording>]]></extra>',
  '<__proto__>x</__proto__>',
  '<constructor><prototype/></constructor>',
  '<Sid>wrong</Sid>',
  '<x:sid xmlns:x="urn:x">wrong</x:sid>',
);

const attributes = fc.oneof(
  { weight: 8, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ' ',
      '\n',
      ' a="1"',
      ' a=\'>\' b="&lt;/recording>"',
      ' xmlns="urn:x"',
      ' nil = "true" ',
    ),
  },
);

/** Characters that XML allows, including those with special handling. */
const character = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...'0123456789') },
  { weight: 2, arbitrary: fc.constantFrom(...'<>&]["\'\\/+-.:; \t\nabc{}') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('é', '€', '😀', '\u0085', '\u2028', '\u00a0', '\ufeff', '\ufffd', '\r'),
  },
);

const text = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[0-9]{1,16}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '0',
      '1e5',
      '0x1F',
      '+13125551265',
      'true',
      '007',
      '-0',
      '5.30',
      '9'.repeat(40),
      '2019-02-20 20:42:11',
      '__proto__',
      'null',
    ),
  },
  { weight: 1, arbitrary: fc.array(character, { maxLength: 12 }).map((parts) => parts.join('')) },
);

const toReference = (char: string) => `&#${char.codePointAt(0)};`;
const toHexReference = (char: string) => `&#x${char.codePointAt(0)?.toString(16)};`;
const named: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Ways to write one character; a carriage return outside a reference would become a line feed. */
const spellings = ((char: string) => {
  if (char === '\r') return [toReference(char), toHexReference(char)];
  const plain = char === '<' || char === '&' ? [] : char === '>' || char === ']' ? [] : [char, char, char];
  return [
    ...plain,
    named[char] ?? toReference(char),
    toHexReference(char),
    `<![CDATA[${char}]]>`,
    `<!-- x -->${toReference(char)}`,
  ];
}) satisfies (char: string) => string[];

function written(value: string): fc.Arbitrary<string> {
  const mixed = fc
    .tuple(...Array.from(value, (char) => fc.constantFrom(...spellings(char))))
    .map((parts) => parts.join(''));
  const isPlain = !/[<>&\]\r]/.test(value);
  return isPlain
    ? fc.oneof({ weight: 5, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: mixed })
    : mixed;
}

function element(name: string, content: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(attributes, content, fc.constantFrom('', '', '', ' ', '\n'))
    .map(([before, inner, after]) => `<${name}${before}>${inner}</${name}${after}>`);
}

/** White space around a value does not belong to it. */
const trim = (value: string) => value.replace(/^[ \t\r\n]+/, '').replace(/[ \t\r\n]+$/, '');

interface Part<T> {
  readonly xml: string;
  readonly says: T;
}

function field(name: FieldName): fc.Arbitrary<Part<Partial<RecordingFields>>> {
  const filled = text
    .filter((value) => name !== 'sid' || trim(value) !== '')
    .chain((value) =>
      element(
        name,
        fc.tuple(space, written(value), space).map((parts) => parts.join('')),
      ).map((xml) => ({ xml, says: { [name]: trim(value) || null } })),
    );
  if (name === 'sid') return filled;
  const empty = fc
    .constantFrom(`<${name}></${name}>`, `<${name}/>`, `<${name} a="1" />`, `<${name}> \n</${name}>`, '')
    .map((xml) => ({ xml, says: { [name]: null } }));
  return fc.oneof({ weight: 5, arbitrary: filled }, { weight: 1, arbitrary: empty });
}

const none: RecordingFields = { sid: '', dnis: null, number_connected: null, minutes: null, date: null };

/** As the service writes it. */
const canonical: fc.Arbitrary<Part<RecordingFields>> = fc
  .record({
    sid: fc.stringMatching(/^[0-9]{1,16}$/),
    dnis: fc.stringMatching(/^[0-9]{0,10}$/),
    number_connected: fc.stringMatching(/^[0-9+é"\\]{0,11}$/),
    minutes: fc.stringMatching(/^[0-9]{1,2}\.[0-9]$/),
    date: fc.constantFrom('2019-02-20 20:42:11', '2019-01-20 07:09:55', ''),
    newline: fc.constantFrom('\n', '\r\n', ''),
  })
  .map(({ newline, ...says }) => {
    const fields = fieldNames.map((name) => `<${name}>${says[name]}</${name}>`);
    const recording = Object.fromEntries(fieldNames.map((name) => [name, says[name] || null]));
    return {
      xml: ['', '<recording>', ...fields, '</recording>'].join(newline),
      says: { ...none, ...recording },
    };
  });

/** As any other server might. */
const free: fc.Arbitrary<Part<RecordingFields>> = fc
  .tuple(
    ...fieldNames.map(field),
    fc.option(unknown, { freq: 4, nil: '' }).map((xml) => ({ xml, says: {} })),
  )
  .chain((parts) =>
    fc.tuple(
      fc.oneof(
        { weight: 3, arbitrary: fc.constant(parts) },
        { weight: 1, arbitrary: fc.shuffledSubarray(parts, { minLength: parts.length }) },
      ),
      fc.array(gap, { minLength: 7, maxLength: 7 }),
    ),
  )
  .chain(([parts, gaps]) => {
    const inner = parts.map((part, at) => `${gaps[at]}${part.xml}`).join('') + gaps[6];
    const says = Object.assign({ ...none }, ...parts.map((part) => part.says));
    return element('recording', fc.constant(inner)).map((xml) => ({ xml, says }));
  });

const data = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: canonical },
      { weight: 3, arbitrary: free },
      { weight: 1, arbitrary: fc.oneof(unknown, noise).map((xml) => ({ xml, says: null })) },
    ),
    { maxLength: 12 },
  )
  .chain((parts) =>
    fc.tuple(
      element(
        'data',
        fc
          .array(gap, { minLength: parts.length + 1, maxLength: parts.length + 1 })
          .map((gaps) => parts.map((part, at) => `${gaps[at]}${part.xml}`).join('') + gaps.at(-1)),
      ),
      fc.constant(parts),
    ),
  )
  .map(([xml, parts]) => ({
    xml,
    recordings: parts.flatMap(({ says }) => (says ? [toLegacyRecording(says)] : [])),
  }));

const prolog = fc.constantFrom(
  '',
  '',
  '\ufeff',
  '<?xml version="1.0"?>\n',
  '\ufeff<?xml version=\'1.0\' encoding="UTF-8" standalone="yes"?>',
  '<!-- x -->\n',
  '\n',
);
const result = fc.constantFrom(
  '<result>success</result>',
  '<result> Success\n</result>',
  '<result>suc<![CDATA[cess]]></result>',
);
const description = fc.constantFrom(
  '<result_description></result_description>',
  '<result_description/>',
  '',
  '<result_description>2 &amp; more</result_description>',
);

/** A success with any number of recordings. */
export const listDocuments: fc.Arbitrary<ListDocument> = fc
  .record({
    prolog,
    result,
    description,
    data,
    root: attributes,
    gaps: fc.array(gap, { minLength: 5, maxLength: 5 }),
    swap: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ prolog, result, description, data, root, gaps, swap }) => {
    const sections =
      swap === 0
        ? [data.xml, description, result]
        : swap === 1
          ? [description, data.xml, result]
          : [result, description, data.xml];
    const inner = sections.map((section, at) => `${gaps[at]}${section}`).join('');
    return {
      xml: `${prolog}<response${root}>${inner}${gaps[3]}</response>${gaps[4]}`,
      recordings: data.recordings,
    };
  });
