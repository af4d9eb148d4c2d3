/** An invalid character does not fail a list: it is repaired, and the repair is reported with its recording. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { ListWarning } from '../../../../src/legacy/list/list-warning.ts';
import { readList, readText } from '../../../support/list-reading.ts';

const wrap = (data: string) => `<response><result>success</result><data>${data}</data></response>`;
const recording = (sid: string, dnis: string) =>
  `<recording><sid>${sid}</sid><dnis>${dnis}</dnis><number_connected/><minutes/><date/></recording>`;
const allCuts = [[], [1], [2], [3, 5], [64]];

const of = (sid: string, ...codes: ListWarning['code'][]): ListWarning[] =>
  codes.map((code) => ({ code, sid, count: 1 }));
const outside = (code: ListWarning['code'], count = 1): ListWarning => ({ code, sid: null, count });

describe('a value', () => {
  it.each([
    ['AT&T', 'AT&T', 'unescaped-ampersand'],
    ['a & b', 'a & b', 'unescaped-ampersand'],
    ['&', '&', 'unescaped-ampersand'],
    ['&&', '&&', 'unescaped-ampersand'],
    ['&;', '&;', 'unescaped-ampersand'],
    ['&#;', '&#;', 'unescaped-ampersand'],
    ['&#x;', '&#x;', 'unescaped-ampersand'],
    ['&#65', '&#65', 'unescaped-ampersand'],
    ['&#X41;', '&#X41;', 'unescaped-ampersand'],
    ['&amp', '&amp', 'unescaped-ampersand'],
    ['&eacute', '&eacute', 'unescaped-ampersand'],
    ['&unknown;', '&unknown;', 'unescaped-ampersand'],
    ['&a.b;', '&a.b;', 'unescaped-ampersand'],
    ['?a=1&b=2&amp;c=3', '?a=1&b=2&c=3', 'unescaped-ampersand'],
    [`&${'a'.repeat(300)};`, `&${'a'.repeat(300)};`, 'unescaped-ampersand'],
    [`&#${'0'.repeat(300)}65;`, `&#${'0'.repeat(300)}65;`, 'unescaped-ampersand'],
    ['&eacute;', 'é', 'html-entity'],
    ['&nbsp;', '\u00a0', 'html-entity'],
    ['&euro;&ndash;&rsquo;', '€–’', 'html-entity'],
    ['&frac12;', '½', 'html-entity'],
    ['&LT;b&GT; &AMP;amp;', '<b> &amp;', 'html-entity'],
    ['&NotEqualTilde;', '≂̸', 'html-entity'],
    ['a\x00b', 'a\ufffdb', 'invalid-character'],
    ['a\x1ab', 'a\ufffdb', 'invalid-character'],
    ['\x08\x0b\x0c\x0e\x1f', '\ufffd\ufffd\ufffd\ufffd\ufffd', 'invalid-character'],
    ['\ufffe\uffff', '\ufffd\ufffd', 'invalid-character'],
    ['<![CDATA[a\x1ab & c]]>', 'a\ufffdb & c', 'invalid-character'],
    ['&#0;&#x1f;&#xFFFE;', '\ufffd\ufffd\ufffd', 'invalid-character'],
    ['&#xD800;&#xdfff;', '\ufffd\ufffd', 'invalid-character'],
    ['&#x110000;&#99999999999999999999;', '\ufffd\ufffd', 'invalid-character'],
    ['1<!-- \x01 -->2', '12', 'invalid-character'],
    ['1<?x \x01?>2', '12', 'invalid-character'],
    ['1<b c="\x01">3</b>2', '12', 'invalid-character'],
    ['1<b c="&">3</b>2', '12', 'unescaped-ampersand'],
    ["1<b c='a&b'>3</b>2", '12', 'unescaped-ampersand'],
    ['1<b c="&nbsp;">3</b>2', '12', 'html-entity'],
  ] as const)('%j is read as %j', (written, dnis, code) => {
    const xml = wrap(recording('1', '2') + recording('7', written) + recording('3', '4'));
    for (const cuts of allCuts) {
      const { recordings, failure, warnings } = readList(xml, { cuts });
      expect({ failure, values: recordings.map((found) => found.dnis), warnings }).toEqual({
        failure: null,
        values: ['2', dnis, '4'],
        warnings: of('7', code),
      });
    }
  });

  it.each([
    ['&amp;&lt;&gt;&quot;&apos;', '&<>"\''],
    ['&#9;&#xD7FF;&#xE000;&#xFFFD;&#x10000;&#x10FFFF;', '\ud7ff\ue000\ufffd\u{10000}\u{10ffff}'],
    [`&#${'0'.repeat(200)}65;`, 'A'],
    ['&#x1f600;', '😀'],
    ['\u007f\u0085\u009f\u2028\ufffd', '\u007f\u0085\u009f\u2028\ufffd'],
    ['<![CDATA[a & b &eacute; &#0;]]>', 'a & b &eacute; &#0;'],
    ['<![CDATA[<!--]]>&amp;<!-- <![CDATA[ & &#0; ]]> -->', '<!--&'],
    ['1<!-- & &nbsp; - -->2', '12'],
    ['1<?x & &nbsp; ? ?>2', '12'],
    ['1<b c=">" d=\'"&amp;\'/>2', '12'],
    ['<![CDATA[a]]]]><![CDATA[>b]]>', 'a]]>b'],
  ])('%j is read as %j without a warning', (written, dnis) => {
    for (const cuts of allCuts) {
      const { recordings, failure, warnings } = readList(wrap(recording('7', written)), { cuts });
      expect({ failure, values: recordings.map((found) => found.dnis), warnings }).toEqual({
        failure: null,
        values: [dnis],
        warnings: undefined,
      });
    }
  });

  test('with bytes outside the encoding is decoded by the header, or loses them', () => {
    const bytes = Uint8Array.from(wrap(recording('7', 'café')), (char) => char.charCodeAt(0));
    const latin1 = 'text/xml; charset=ISO-8859-1';
    for (const cuts of allCuts) {
      expect(readList(bytes, { cuts, contentType: latin1 })).toMatchObject({
        recordings: [{ sid: '7', dnis: 'café' }],
        warnings: of('7', 'encoding-mismatch'),
      });
      expect(readList(bytes, { cuts })).toMatchObject({
        recordings: [{ sid: '7', dnis: 'caf\ufffd' }],
        warnings: of('7', 'invalid-bytes'),
      });
    }
  });
});

describe('a warning', () => {
  test('reports each kind of repair of a recording once', () => {
    const { warnings } = readList(wrap(recording('7', '& & \x01 &nbsp; \x02')));
    expect(warnings).toEqual(of('7', 'unescaped-ampersand', 'invalid-character', 'html-entity'));
  });

  test('names the recording, wherever its sid stands and whatever was repaired', () => {
    const xml = wrap(
      `<recording>&<x>\x01</x><sid>7</sid></recording><recording><sid>&nbsp;8</sid></recording>`,
    );
    for (const cuts of allCuts) {
      expect(readList(xml, { cuts }).warnings).toEqual([
        ...of('7', 'unescaped-ampersand', 'invalid-character'),
        ...of('\u00a08', 'html-entity'),
      ]);
    }
  });

  test('has no sid for text outside recordings', () => {
    const xml = `<!-- \x01 -->${wrap(`& ${recording('1', '2')} & &nbsp;`)}<!-- \x01 -->`;
    for (const cuts of allCuts) {
      expect(readList(xml, { cuts })).toMatchObject({
        recordings: [{ sid: '1' }],
        warnings: [
          outside('invalid-character'),
          outside('unescaped-ampersand'),
          outside('unescaped-ampersand'),
          outside('html-entity'),
          outside('invalid-character'),
        ],
      });
    }
  });

  it.each([
    ['no sid', '<recording><dnis>1</dnis></recording>'],
    ['an empty sid', recording('', '1')],
    ['a sid of white space', recording(' \n', '1')],
    ['a sid that is an element', recording('<b>1</b>', '1')],
    ['nothing', '<recording/>'],
  ])('names an omitted recording with %s', (_what, without) => {
    const xml = wrap(recording('1', '2') + without + without + recording('3', '4') + without);
    for (const cuts of allCuts) {
      const { recordings, warnings } = readList(xml, { cuts });
      expect(recordings.map(({ sid }) => sid)).toEqual(['1', '3']);
      expect(recordings[1]?.warnings).toEqual([outside('recording-without-sid', 2)]);
      expect(warnings).toEqual([outside('recording-without-sid', 2), outside('recording-without-sid')]);
    }
  });

  test('of an omitted recording has no sid', () => {
    expect(readList(wrap(recording('', '&'))).warnings).toEqual([
      outside('unescaped-ampersand'),
      outside('recording-without-sid'),
    ]);
  });
});

describe('after the root element', () => {
  it.each(['\x1a', '\x00', '\n\x00\n', '\x00<!-- x -->', '\x00</response>', '\x00 x <y>'])(
    '%j is dropped with a warning',
    (end) => {
      for (const cuts of allCuts) {
        const { recordings, failure, warnings } = readList(wrap(recording('1', '2')) + end, { cuts });
        expect(failure).toBeNull();
        expect(recordings).toHaveLength(1);
        expect(warnings).toEqual([outside('invalid-character')]);
      }
    },
  );

  it.each(['x', '&', '&amp;', '\x1ax', '<y/>', '<![CDATA[]]>', '\x1a<y/>'])('%j is rejected', (end) => {
    for (const cuts of allCuts) {
      expect(readList(wrap('') + end, { cuts }).failure).toMatchObject({ kind: 'invalid-response' });
    }
  });
});

/** A character or reference, and how it is read. */
const part = fc.constantFrom(
  ['a', 'a'],
  ['é', 'é'],
  ['😀', '😀'],
  ['&', '&'],
  [' & ', ' & '],
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&eacute;', 'é'],
  ['&x;', '&x;'],
  ['&#0;', '\ufffd'],
  ['\x01', '\ufffd'],
  ['\uffff', '\ufffd'],
  ['<!-- & -->', ''],
  ['<b>&</b>', ''],
  ['<![CDATA[&\x01]]>', '&\ufffd'],
);
const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 4 });

test('a list with any characters is read, the same on both paths', () => {
  const value = fc.array(part, { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(value, { maxLength: 6 }), cuts, cuts, (values, some, others) => {
      const xml = wrap(
        values
          .map((parts, at) => recording(`${at}`, `[${parts.map(([written]) => written).join('')}`))
          .join(''),
      );
      const expected = values.map((parts) => `[${parts.map(([, read]) => read).join('')}`.trim());
      const both = readText(xml, 'both', some);
      expect(both.error).toBeNull();
      expect(both.recordings.map(({ dnis }) => dnis)).toEqual(expected);
      expect(both).toEqual(readText(xml, 'strict', others));
    }),
    { numRuns: 1000 },
  );
}, 30_000);
