/** Bytes are decoded by the document's encoding, and bytes outside it are marked. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createXmlDecoder } from '../../../../src/legacy/xml/charset.ts';
import { marks } from '../../../../src/legacy/xml/text-source.ts';

function decode(bytes: Uint8Array, contentType: string | null = null, step = bytes.length): string {
  const decoder = createXmlDecoder(contentType);
  let text = '';
  for (let from = 0; from < bytes.length; from += step)
    text += decoder.decode(bytes.subarray(from, from + step));
  return text + decoder.end();
}

const utf8 = (text: string) => new TextEncoder().encode(text);
const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const units = (text: string) => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
const utf16le = (text: string) => Uint8Array.from(units(text).flatMap((code) => [code & 255, code >> 8]));
const utf16be = (text: string) => Uint8Array.from(units(text).flatMap((code) => [code >> 8, code & 255]));

const plain = '<a>é€😀</a>';
const declare = (encoding: string, text = '<a>é</a>') =>
  `<?xml version="1.0" encoding="${encoding}"?>${text}`;
const bom = '\ufeff';

/** The markers as text for assertions. */
const show = (text: string) => text.replaceAll(marks.reread, '{reread}').replaceAll(marks.lost, '{lost}');

describe('the encoding', () => {
  it.each([
    ['UTF-8 where nothing names another', utf8(plain), null, plain],
    ['UTF-8 by its mark', utf8(bom + plain), null, plain],
    ['UTF-8 behind marks and white space', utf8(` \r\n${bom}\t${bom}\n${plain}`), null, plain],
    ['UTF-8 whatever the header says', utf8(plain), 'text/xml; charset=ISO-8859-1', plain],
    ['UTF-8 where the header names what is not known', utf8(plain), 'text/xml; charset=utf-7', plain],
    ['UTF-16, little end first, by its mark', utf16le(bom + plain), null, plain],
    ['UTF-16, big end first, by its mark', utf16be(bom + plain), null, plain],
    ['UTF-16 behind a second mark', utf16le(`${bom}${bom}\n${plain}`), null, plain],
    ['UTF-16 by its width', utf16be(declare('UTF-16')), null, declare('UTF-16')],
    ['UTF-16 by its width, though it declares nothing', utf16le(plain), null, `{reread}${plain}`],
    ['UTF-16 behind white space', utf16le(`\n${declare('UTF-16')}`), null, `{reread}${declare('UTF-16')}`],
    [
      'UTF-16 by its mark against a declaration that it cannot have',
      utf16le(bom + declare('ISO-8859-1')),
      null,
      `{reread}${declare('ISO-8859-1')}`,
    ],
    ['what the declaration names', latin1(declare('ISO-8859-1')), null, declare('ISO-8859-1')],
    [
      'what the declaration names in other quotes',
      latin1(`<?xml version='1.0' encoding = 'latin1' ?><é/>`),
      'text/xml',
      `<?xml version='1.0' encoding = 'latin1' ?><é/>`,
    ],
    [
      'what the declaration names behind a blank line',
      latin1(`\n${declare('ISO-8859-1')}`),
      null,
      declare('ISO-8859-1'),
    ],
    [
      'the declaration against Content-Type',
      latin1(declare('ISO-8859-1')),
      'text/xml; charset=utf-8',
      declare('ISO-8859-1'),
    ],
    [
      'the declaration against Content-Type, though the bytes are UTF-8',
      utf8(declare('iso-8859-1')),
      'text/xml; charset=utf-8',
      declare('iso-8859-1', '<a>Ã©</a>'),
    ],
    [
      'Windows-1252 by the declaration',
      Uint8Array.of(...latin1(declare('windows-1252', '<a>')), 0x80, 0x92),
      null,
      declare('windows-1252', '<a>€’'),
    ],
    [
      'another one of the Encoding Standard',
      Uint8Array.of(...latin1(declare('koi8-r', '<a>')), 0xda, 0xd7),
      null,
      declare('koi8-r', '<a>зв'),
    ],
    [
      'one of several bytes a character',
      Uint8Array.of(...latin1(declare('Shift_JIS', '<a>')), 0x92, 0xca, 0x98, 0x62),
      null,
      declare('Shift_JIS', '<a>通話'),
    ],
    [
      'the mark against the declaration',
      utf8(bom + declare('iso-8859-1')),
      null,
      `{reread}${declare('iso-8859-1')}`,
    ],
    [
      'UTF-8 where the declaration names none',
      utf8(`<?xml version="1.0"?>${plain}`),
      null,
      `<?xml version="1.0"?>${plain}`,
    ],
    [
      'UTF-8 where the declaration is longer than any',
      utf8(`<?xml version="1.0"${' '.repeat(300)}encoding="latin1"?>é`),
      null,
      `<?xml version="1.0"${' '.repeat(300)}encoding="latin1"?>é`,
    ],
    [
      'UTF-8 where an instruction looks like a declaration',
      utf8('<?xml-x encoding="latin1"?><é/>'),
      null,
      '<?xml-x encoding="latin1"?><é/>',
    ],
    [
      'UTF-8 where an element names a charset',
      utf8('<a encoding="latin1">é</a>'),
      null,
      '<a encoding="latin1">é</a>',
    ],
    [
      'that of Content-Type where the declaration names one that is not known',
      latin1(declare('x-unknown')),
      'text/xml; charset=ISO-8859-1',
      `{reread}${declare('x-unknown')}`,
    ],
    [
      'that of Content-Type where the document cannot be in the declared one',
      utf8(declare('UTF-16')),
      'text/xml; charset="UTF-8"; x=1',
      `{reread}${declare('UTF-16')}`,
    ],
    ['none for nothing', new Uint8Array(), null, ''],
    ['none for white space', utf8(' \n'), null, ''],
    ['UTF-8 for three bytes', utf8('<a>'), null, '<a>'],
  ])('is %s, at every chunk boundary', (_what, bytes, contentType, text) => {
    for (const step of [1, 2, 3, 5, 1000]) expect(show(decode(bytes, contentType, step))).toBe(text);
  });

  it.each([
    ['a label that is not known', utf8(declare('x-unknown')), null],
    ['the same beside a header that is not known', utf8(declare('x-unknown')), 'text/xml; charset=y'],
    ['a label of UTF-16 in single bytes', utf8(declare('UTF-16')), null],
    ['the same under its header', utf8(declare('UTF-16')), 'text/xml; charset=utf-16'],
  ])('is missing for %s, at every chunk boundary', (_what, bytes, contentType) => {
    for (const step of [1, 2, 1000]) expect(() => decode(bytes, contentType, step)).toThrow(/charset/);
  });
});

describe('bytes outside the encoding', () => {
  const latin1Header = 'text/xml;Charset="latin1"; x=1';

  it.each([
    ['of UTF-8 are lost', Uint8Array.of(0x3c, 0x61, 0xff, 0xfe, 0x62), null, '<a{lost}{lost}b'],
    ['of UTF-8 are lost beside such as fit', Uint8Array.of(0x3c, 0xc3, 0xa9, 0xe9, 0x62), null, '<é{lost}b'],
    [
      'are lost once where a character is cut',
      Uint8Array.of(0x3c, 0x61, 0xe2, 0x82, 0x62),
      null,
      '<a{lost}b',
    ],
    ['are lost at the end', utf8('<a>é').subarray(0, 4), null, '<a>{lost}'],
    [
      'are lost in a surrogate',
      Uint8Array.of(0x3c, 0x61, 0xed, 0xa0, 0x80, 0x3c),
      null,
      '<a{lost}{lost}{lost}<',
    ],
    ['are lost in an overlong form', Uint8Array.of(0x3c, 0x61, 0xc0, 0xbc, 0x62), null, '<a{lost}{lost}b'],
    [
      'are lost in a longer one',
      Uint8Array.of(0x3c, 0x61, 0xe0, 0x9f, 0xbf, 0x62),
      null,
      '<a{lost}{lost}{lost}b',
    ],
    ['are lost in four', Uint8Array.of(0x3c, 0xf0, 0x8f, 0xbf, 0xbf), null, '<{lost}{lost}{lost}{lost}'],
    [
      'are lost behind a byte that begins no character',
      Uint8Array.of(0x3c, 0xf5, 0x80, 0x80, 0x80),
      null,
      '<{lost}{lost}{lost}{lost}',
    ],
    [
      'are lost beyond the last plane',
      Uint8Array.of(0x3c, 0xf4, 0x90, 0x80, 0x80),
      null,
      '<{lost}{lost}{lost}{lost}',
    ],
    ['of UTF-8 are those of the header', latin1('<a>é</a>'), latin1Header, '<a>{reread}é</a>'],
    [
      'are those of the header as Windows-1252 where it says Latin-1',
      Uint8Array.of(0x3c, 0x61, 0x80, 0x92, 0xc3, 0xa9),
      latin1Header,
      '<a{reread}€{reread}’é',
    ],
    [
      'are lost where those of the header have no meaning',
      Uint8Array.of(0x3c, 0x61, 0x81, 0x3c),
      'text/xml; charset=windows-1252',
      '<a{lost}<',
    ],
    [
      'of UTF-8 are lost under a header of ASCII',
      latin1('<a>é</a>'),
      'text/xml; charset=us-ascii',
      '<a>{lost}</a>',
    ],
    [
      'switch to the encoding of the header where its characters have several bytes',
      Uint8Array.of(...utf8('<a>é'), 0x92, 0xca, 0x98, 0x62, ...utf8('</a>')),
      'text/xml; charset=shift_jis',
      '<a>é{reread}通話</a>',
    ],
    [
      'of ISO-8859-1 are those of Windows-1252, or controls',
      Uint8Array.of(...latin1(declare('ISO-8859-1', '<a>')), 0x80, 0x81, 0xe9),
      null,
      declare('ISO-8859-1', '<a>{reread}€\x81é'),
    ],
    [
      'of Windows-1252 are lost',
      Uint8Array.of(...latin1(declare('cp1252', '<a>')), 0x81, 0xe9),
      null,
      declare('cp1252', '<a>{lost}é'),
    ],
    [
      'of ASCII are lost, one by one',
      utf8(declare('us-ascii')),
      null,
      declare('us-ascii', '<a>{lost}{lost}</a>'),
    ],
    [
      'of ASCII are those of the header',
      utf8(declare('us-ascii', '<a>é€</a>')),
      'text/xml; charset=utf-8',
      declare('us-ascii', '<a>{reread}é€</a>'),
    ],
    [
      'of ASCII are those of the header, byte by byte',
      latin1(declare('us-ascii', '<a>éa</a>')),
      latin1Header,
      declare('us-ascii', '<a>{reread}éa</a>'),
    ],
    [
      'of an encoding of several bytes are lost',
      Uint8Array.of(...latin1(declare('Shift_JIS', '<a>')), 0xff, 0x3c),
      null,
      declare('Shift_JIS', '<a>{lost}<'),
    ],
    ['of UTF-16 are lost', utf16le(`${bom}<a>\ud83d<`), null, '<a>{lost}<'],
    ['of UTF-16 are lost at the end', utf16be(`${bom}<a>\ud83d`), null, '<a>{lost}'],
    ['of UTF-16 are lost where a unit is cut', utf16le(`${bom}<a>b`).subarray(0, 9), null, '<a>{lost}'],
  ])('%s, at every chunk boundary', (_what, bytes, contentType, text) => {
    for (const step of [1, 2, 3, 5, 1000]) expect(show(decode(bytes, contentType, step))).toBe(text);
  });

  test('decodes any text in any charset that can encode it, at every chunk boundary', () => {
    const text = fc
      .string({ unit: 'binary' })
      .filter((rest) => !rest.includes('\ufffd'))
      .map((rest) => `<a>${rest}`);
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 9 }), (sample, step) => {
        expect(decode(utf8(sample), null, step)).toBe(sample);
        expect(decode(utf16le(bom + sample), null, step)).toBe(sample);
        expect(decode(utf16be(bom + sample), null, step)).toBe(sample);
      }),
    );
  });
});
