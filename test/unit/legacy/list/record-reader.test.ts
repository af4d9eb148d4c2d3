/** Lists are read as PHP reads them, in chunks of any size, and malformed structure is rejected. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { LegacyFailure } from '../../../../src/legacy/failure.ts';
import { createRecordReader } from '../../../../src/legacy/list/record-reader.ts';
import { type RecordingFields, toLegacyRecording } from '../../../../src/legacy/list/recording.ts';
import { listDocuments } from '../../../support/list-documents.ts';
import { readList, readText } from '../../../support/list-reading.ts';

const documented = `<response>
<result>success</result>
<result_description></result_description>
<data>
<recording>
<sid>0932654521723728</sid>
<dnis>8475551234</dnis>
<number_connected>3125551265</number_connected>
<minutes>5.3</minutes>
<date>2019-02-20 20:42:11</date>
</recording>
<recording>
<sid>123456789101112</sid>
<dnis>8475551234</dnis>
<number_connected>3125551265</number_connected>
<minutes>12.1</minutes>
<date>2019-01-20 07:09:55</date>
</recording>
</data>
</response>
`;

const first = toLegacyRecording({
  sid: '0932654521723728',
  dnis: '8475551234',
  number_connected: '3125551265',
  minutes: '5.3',
  date: '2019-02-20 20:42:11',
});
const second = toLegacyRecording({
  sid: '123456789101112',
  dnis: '8475551234',
  number_connected: '3125551265',
  minutes: '12.1',
  date: '2019-01-20 07:09:55',
});

const only = (fields: Partial<RecordingFields>) =>
  toLegacyRecording({
    sid: '1',
    dnis: null,
    number_connected: null,
    minutes: null,
    date: null,
    ...fields,
  });

const wrap = (data: string) => `<response><result>success</result><data>${data}</data></response>`;
const record = (fields: string) => wrap(`<recording>${fields}</recording>`);
const one = '<recording><sid>1</sid></recording>';

describe('a list', () => {
  it.each([
    ['as documented', documented, [first, second]],
    ['with other line ends', documented.replaceAll('\n', '\r\n'), [first, second]],
    ['without line ends', documented.replaceAll('\n', ''), [first, second]],
    ['with one recording', wrap(one), [only({})]],
    ['without recordings', wrap(''), []],
    ['without recordings, in one tag', '<response><result>success</result><data/></response>', []],
    ['without data', '<response><result>success</result></response>', []],
    ['with its result last', `<response><data>${one}</data><result>success</result></response>`, [only({})]],
    [
      'with empty elements',
      record('<sid>1</sid><dnis></dnis><number_connected/><minutes> </minutes><date></date>'),
      [only({})],
    ],
    ['in another order', record('<date>x</date><sid>1</sid>'), [only({ date: 'x' })]],
    ['with unknown elements', record('<a/><sid>1</sid><b><sid>2</sid><recording/></b>'), [only({})]],
    [
      'with elements named like parts of an object',
      record('<__proto__>x</__proto__><constructor/><sid>1</sid>'),
      [only({})],
    ],
    [
      'with attributes',
      wrap('<recording n="1"><sid x=">">1</sid><date nil="true"/></recording>'),
      [only({})],
    ],
    ['with comments', record('<!-- </recording> --><sid>1<!-- </sid> -->2</sid>'), [only({ sid: '12' })]],
    ['with CDATA', record('<sid><![CDATA[</recording>]]></sid>'), [only({ sid: '</recording>' })]],
    ['with references', record('<sid>&#233;&amp;&#x1F600;</sid>'), [only({ sid: 'é&😀' })]],
    ['with white space around values', record('<sid>\n1 </sid><date> 2 3\t</date>'), [only({ date: '2 3' })]],
    [
      'with other white space in values',
      record('<sid>\u00a01\u2003</sid>'),
      [only({ sid: '\u00a01\u2003' })],
    ],
    [
      'with values that look like numbers',
      record('<sid>007</sid><dnis>1e5</dnis><minutes>0x1F</minutes>'),
      [only({ sid: '007', dnis: '1e5', minutes: '0x1F' })],
    ],
    [
      'with recordings in the wrong place',
      `<response><recording><sid>2</sid></recording><result>success</result><x>${one}</x><data>${one}<x>${one}</x></data></response>`,
      [only({})],
    ],
    ['with a recording inside a recording', wrap(`<recording><sid>1</sid>${one}</recording>`), [only({})]],
    ['with a result inside its data', wrap(`<result>failed</result>${one}`), [only({})]],
    ['with elements inside its values', record('<sid>1<b>2</b>3<sid>4</sid></sid>'), [only({ sid: '13' })]],
    ['with a field inside another one', record('<sid>1<date>x</date></sid>'), [only({})]],
    ['with text between recordings', wrap(`${one}x${one}<![CDATA[<y>]]>`), [only({}), only({})]],
    ['with text between fields', record('x<sid>1</sid>y'), [only({})]],
    [
      'with the warnings of PHP in its data',
      wrap(`<br />\n<b>Warning</b>: x in <b>y</b><br />${one}`),
      [only({})],
    ],
    [
      'with text beside its data',
      `<response>x<result>success</result>y<data>${one}</data>z</response>`,
      [only({})],
    ],
    ['with the end of CDATA across a chunk', wrap(`]]${one}>`), [only({})]],
    [
      'after blank lines and byte order marks',
      `\n\ufeff\r\n\ufeff<?xml version="1.0"?>${wrap(one)}`,
      [only({})],
    ],
    ['with a prefix on its root only', wrap(one).replaceAll('response', 'x:response'), [only({})]],
  ])('is read %s', (_what, xml, recordings) => {
    for (const cuts of [[], [1], [7], [64, 3]])
      expect(readList(xml, { cuts })).toEqual({ recordings, failure: null });
  });

  /** In the form that the fast path reads. */
  const canonical = (sid: string, date = '') =>
    `<recording><sid>${sid}</sid><dnis/><number_connected/><minutes/><date>${date}</date></recording>`;

  const isNone = (reason: string | RegExp) =>
    expect.objectContaining({ kind: 'invalid-response', status: 200, reason: expect.stringMatching(reason) });

  it.each([
    ['nothing', '', 'an empty body'],
    ['a page of HTML', '<!DOCTYPE html><html></html>', 'a document type declaration'],
    ['a well-formed page of HTML', '<html/>', 'not a response of this API'],
    ['without a result', '<response><data/></response>', 'not an envelope of this API'],
    ['with another result', '<response><result>maybe</result></response>', 'neither success nor failed'],
    [
      'with two results',
      '<response><result>success</result><result>success</result></response>',
      'a second result',
    ],
    ['with two lists', '<response><result>success</result><data/><data/></response>', 'a second data'],
    ['with two sids', record('<sid>1</sid><sid>1</sid>'), 'a second sid'],
    ['with two dates', record('<sid>1</sid><date/><date/>'), 'a second date'],
    ['with tags that cross', wrap('<recording><sid>1</recording></sid>'), 'not well-formed'],
    ['with an unclosed recording', wrap('<recording><sid>1</sid>'), 'not well-formed'],
    ['with the end of CDATA in text', record('<sid>]]></sid>'), 'not well-formed'],
    ['with the end of CDATA between elements', wrap(canonical('1', ']]>')), 'not well-formed'],
    ['with text after its end', `${documented}x`, 'not well-formed'],
    ['with an element after its end', `${documented}<response/>`, 'not well-formed'],
  ])('is rejected: %s', (_what, xml, reason) => {
    for (const cuts of [[], [1], [7]]) expect(readList(xml, { cuts }).failure).toEqual(isNone(reason));
  });

  test('is rejected when truncated at any offset', () => {
    const last = documented.lastIndexOf('>');
    for (let length = 0; length <= last; length += 1) {
      expect(readList(documented.slice(0, length), { cuts: [50] }).failure).toEqual(isNone(''));
    }
    expect(readList(documented.slice(0, last + 1)).failure).toBeNull();
  });

  test('is rejected when any tag is damaged', () => {
    for (let at = 0; at < documented.length; at += 1) {
      if (!'<>/'.includes(documented.charAt(at))) continue;
      const spoilt = `${documented.slice(0, at)}_${documented.slice(at + 1)}`;
      expect(readList(spoilt, { cuts: [64] }).failure, spoilt).toEqual(isNone(''));
    }
  });

  const failed = (description: string, data = '') =>
    `<response><result>failed</result><result_description>${description}</result_description>${data}</response>`;

  it.each<[string, number, string, LegacyFailure]>([
    ['without results', 404, failed('No results returned'), { kind: 'no-results' }],
    ['rejected with a 200', 200, failed('Invalid api_key'), { kind: 'credentials-rejected' }],
    [
      'failed before its data',
      200,
      failed('Oops', `<data>${one}</data>`),
      { kind: 'failed', status: 200, description: 'Oops' },
    ],
    [
      'failed after its data',
      200,
      `<response><data>${one}</data><result_description>Oops</result_description><result>failed</result></response>`,
      { kind: 'failed', status: 200, description: 'Oops' },
    ],
    ['unavailable and not XML', 503, 'busy', { kind: 'unavailable', retryAfter: 7 }],
    [
      'a success with an error status',
      500,
      wrap(one),
      { kind: 'invalid-response', status: 500, reason: 'success with the status of a failure' },
    ],
  ])('has no recordings when it is %s', (_what, status, xml, failure) => {
    for (const cuts of [[], [1]]) {
      expect(readList(xml, { status, retryAfter: '7', cuts })).toEqual({ recordings: [], failure });
    }
  });

  test('yields each recording with the chunk that completes it', () => {
    const reader = createRecordReader({ status: 200, contentType: null, retryAfter: null });
    const push = (xml: string) => reader.push(new TextEncoder().encode(xml)).map(({ sid }) => sid);
    expect(push('<response><result>success</result><data><recording><sid>1</sid></rec')).toEqual([]);
    expect(push('ording><recording><sid>2</sid></recording><recording a="')).toEqual(['1', '2']);
    expect(push('"><sid>3</sid></recording>')).toEqual(['3']);
    expect(push('<recording><sid>4</sid></recording></data></response>')).toEqual(['4']);
    expect(reader.end()).toEqual([]);
  });
});

describe('a limit', () => {
  const long = (size: number) => 'x'.repeat(size);

  it.each([
    ['the text of one value', record(`<sid>${long(70_000)}</sid>`), 'markup or text of more than'],
    [
      'the text of one value in parts',
      record(`<sid>${`${long(30_000)}<!-- -->`.repeat(3)}</sid>`),
      'text of more than',
    ],
    [
      'the values of one recording',
      record(`<sid>${long(30_000)}</sid><dnis>${long(30_000)}</dnis><date>${long(30_000)}</date>`),
      'text of more than',
    ],
    ['a comment', wrap(`<!--${long(70_000)}-->${one}`), 'markup or text of more than'],
    ['a tag', wrap(`<recording a="${long(70_000)}"/>`), 'markup or text of more than'],
    [
      'a tag of many attributes',
      wrap(`<x ${Array.from({ length: 9000 }, (_, n) => `a${n}="1"`).join(' ')}/>`),
      'markup or text of more than',
    ],
    ['white space', wrap(' '.repeat(70_000)), 'markup or text of more than'],
    ['depth', wrap(`${'<a>'.repeat(40)}${'</a>'.repeat(40)}`), 'elements nested more than'],
  ])('applies to %s, in one chunk or in many', (_what, xml, reason) => {
    for (const cuts of [[], [1000], [65_536, 10]]) {
      expect(readList(xml, { cuts }).failure).toMatchObject({
        kind: 'invalid-response',
        reason: expect.stringContaining(reason),
      });
    }
  });

  test('applies at every chunk boundary', () => {
    const canonical = (sid: string) =>
      `<recording><sid>${sid}</sid><dnis/><number_connected/><minutes/><date/></recording>`;
    for (let before = 61_500; before < 65_500; before += 500) {
      const xml = wrap(canonical('1').repeat(before / canonical('1').length) + canonical(long(66_000)));
      expect(readList(xml).failure).toMatchObject({ kind: 'invalid-response' });
    }
  });

  test('applies before the end of an oversized token arrives', () => {
    const reader = createRecordReader({ status: 200, contentType: null, retryAfter: null });
    const push = (xml: string) => reader.push(new TextEncoder().encode(xml));
    push('<response><result>success</result><!-- ');
    expect(() => push(long(70_000))).toThrow('markup or text of more than');
  });

  test('applies to each comment and instruction, not to their sum', () => {
    const xml = wrap(`<!--${long(1000)}-->`.repeat(100) + `<?x ${long(1000)}?>`.repeat(100) + one);
    expect(readList(xml, { cuts: [5000] })).toEqual({ recordings: [only({})], failure: null });
  });

  test('is far above the size of a recording', () => {
    const recording = only({ sid: long(9000), dnis: long(9000), date: long(9000) });
    const xml = record(
      `<sid>${recording.sid}</sid><dnis>${recording.dnis}</dnis><date>${recording.date}</date>`,
    );
    expect(readList(xml, { cuts: [4000] })).toEqual({ recordings: [recording], failure: null });
  });

  test('holds back recordings that may still fail, and nothing else', () => {
    const data = `<response><data>${one.repeat(200_000)}`;
    const { recordings, failure } = readList(data, { cuts: [65_536] });
    expect(recordings).toEqual([]);
    expect(failure).toMatchObject({
      kind: 'invalid-response',
      reason: expect.stringContaining('no result within'),
    });
  });
});

const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 });

test('reads everything that XML allows, at every chunk boundary', () => {
  fc.assert(
    fc.property(listDocuments, cuts, ({ xml, recordings }, sizes) => {
      expect(readList(xml, { cuts: sizes })).toEqual({ recordings, failure: null });
    }),
    { numRuns: 1500 },
  );
});

test('keeps every sid, dnis and number_connected unchanged', () => {
  const value = fc.oneof(
    fc.stringMatching(/^[0-9]{1,40}$/),
    fc.stringMatching(/^0[0-9]{0,15}$/),
    fc.stringMatching(/^[+-]?[0-9]{1,12}(\.[0-9]{1,3})?(e[0-9]{1,3})?$/),
    fc.stringMatching(/^0x[0-9A-F]{1,8}$/),
    fc.constantFrom(
      'true',
      'false',
      'null',
      'NaN',
      'Infinity',
      '1e5',
      '0x1F',
      '+13125551265',
      '-0',
      '0b1',
      '1_000',
      '__proto__',
    ),
  );
  const recording = fc.record({ sid: value, dnis: value, number_connected: value }).map(only);
  fc.assert(
    fc.property(fc.array(recording, { minLength: 5, maxLength: 5 }), fc.boolean(), (recordings, isFast) => {
      const data = recordings.map(
        ({ sid, dnis, number_connected }) =>
          `<recording${isFast ? '' : ' a=""'}><sid>${sid}</sid><dnis>${dnis}</dnis><number_connected>${number_connected}</number_connected><minutes/><date/></recording>`,
      );
      expect(readList(wrap(data.join('')))).toEqual({ recordings, failure: null });
    }),
    { numRuns: 2000 },
  );
});

/** A document with a few characters removed, doubled, or replaced by markup. */
const spoilt = fc
  .tuple(
    listDocuments,
    fc.array(
      fc.tuple(
        fc.nat({ max: 100_000 }),
        fc.integer({ min: 0, max: 12 }),
        fc.constantFrom(
          '',
          '',
          '<',
          '>',
          '&',
          ']]>',
          '<!--',
          '-->',
          '<![CDATA[',
          '</recording>',
          '<recording>',
          '<data>',
          '</data>',
          '<sid/>',
          '"',
          '\x00',
          '\ufffe',
          'x',
          ' ',
          '\r',
          '<?',
          '<!DOCTYPE a>',
        ),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([{ xml }, edits]) =>
    edits.reduce((text, [place, length, insert]) => {
      const at = place % (text.length + 1);
      return text.slice(0, at) + insert + text.slice(at + length);
    }, xml),
  );

test('yields the same on the fast path as in the strict parser, for valid and for damaged documents', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        spoilt,
        listDocuments.map(({ xml }) => xml),
      ),
      cuts,
      cuts,
      (xml, some, others) => {
        expect(readText(xml, 'both', some)).toEqual(readText(xml, 'strict', others));
      },
    ),
    { numRuns: 3000 },
  );
}, 60_000);
