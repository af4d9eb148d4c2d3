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
    ['UTF-8 by default', utf8(plain), null, plain],
    ['UTF-8 by its byte order mark', utf8(bom + plain), null, plain],
    ['UTF-8 after byte order marks and white space', utf8(` \r\n${bom}\t${bom}\n${plain}`), null, plain],
    ['UTF-8 whatever the header says', utf8(plain), 'text/xml; charset=ISO-8859-1', plain],
    ['UTF-8 if the header names an unknown encoding', utf8(plain), 'text/xml; charset=utf-7', plain],
    ['UTF-16, little-endian, by its byte order mark', utf16le(bom + plain), null, plain],
    ['UTF-16, big-endian, by its byte order mark', utf16be(bom + plain), null, plain],
    ['UTF-16 after a second byte order mark', utf16le(`${bom}${bom}\n${plain}`), null, plain],
    ['UTF-16 by its width', utf16be(declare('UTF-16')), null, declare('UTF-16')],
    ['UTF-16 by its width without a declaration', utf16le(plain), null, `{reread}${plain}`],
    ['UTF-16 after white space', utf16le(`\n${declare('UTF-16')}`), null, `{reread}${declare('UTF-16')}`],
    [
      'UTF-16 by its byte order mark, despite an impossible declaration',
      utf16le(bom + declare('ISO-8859-1')),
      null,
      `{reread}${declare('ISO-8859-1')}`,
    ],
    ['the declared one', latin1(declare('ISO-8859-1')), null, declare('ISO-8859-1')],
    [
      'the declared one in other quotes',
      latin1(`<?xml version='1.0' encoding = 'latin1' ?><é/>`),
      'text/xml',
      `<?xml version='1.0' encoding = 'latin1' ?><é/>`,
    ],
    [
      'the declared one after a blank line',
      latin1(`\n${declare('ISO-8859-1')}`),
      null,
      declare('ISO-8859-1'),
    ],
    [
      'the declared one, despite Content-Type',
      latin1(declare('ISO-8859-1')),
      'text/xml; charset=utf-8',
      declare('ISO-8859-1'),
    ],
    [
      'the declared one, despite Content-Type and UTF-8 bytes',
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
      'a multi-byte encoding',
      Uint8Array.of(...latin1(declare('Shift_JIS', '<a>')), 0x92, 0xca, 0x98, 0x62),
      null,
      declare('Shift_JIS', '<a>通話'),
    ],
    [
      'that of the byte order mark, despite the declaration',
      utf8(bom + declare('iso-8859-1')),
      null,
      `{reread}${declare('iso-8859-1')}`,
    ],
    [
      'UTF-8 if the declaration names none',
      utf8(`<?xml version="1.0"?>${plain}`),
      null,
      `<?xml version="1.0"?>${plain}`,
    ],
    [
      'UTF-8 if the declaration is too long',
      utf8(`<?xml version="1.0"${' '.repeat(300)}encoding="latin1"?>é`),
      null,
      `<?xml version="1.0"${' '.repeat(300)}encoding="latin1"?>é`,
    ],
    [
      'UTF-8 if an instruction looks like a declaration',
      utf8('<?xml-x encoding="latin1"?><é/>'),
      null,
      '<?xml-x encoding="latin1"?><é/>',
    ],
    [
      'UTF-8 if an element names a charset',
      utf8('<a encoding="latin1">é</a>'),
      null,
      '<a encoding="latin1">é</a>',
    ],
    [
      'that of Content-Type if the declared one is unknown',
      latin1(declare('x-unknown')),
      'text/xml; charset=ISO-8859-1',
      `{reread}${declare('x-unknown')}`,
    ],
    [
      'that of Content-Type if the declared one is impossible',
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
    ['an unknown label', utf8(declare('x-unknown')), null],
    ['an unknown label beside an unknown header', utf8(declare('x-unknown')), 'text/xml; charset=y'],
    ['a label of UTF-16 in single bytes', utf8(declare('UTF-16')), null],
    ['the same under its header', utf8(declare('UTF-16')), 'text/xml; charset=utf-16'],
  ])('is missing for %s, at every chunk boundary', (_what, bytes, contentType) => {
    for (const step of [1, 2, 1000]) expect(() => decode(bytes, contentType, step)).toThrow(/charset/);
  });
});

describe('a name that only libxml knows', () => {
  const bytes = [0xc1, 0xe9, 0xc4, 0xe5, 0xb1];
  // As read by simplexml.
  it.each([
    ['Latin-1', 'ÁéÄå±'],
    ['iso-latin-1', 'ÁéÄå±'],
    ['ISO_8859_1', 'ÁéÄå±'],
    ['iso8859_1', 'ÁéÄå±'],
    ['ISO8859_15', 'ÁéÄå±'],
    ['Latin-9', 'ÁéÄå±'],
    ['latin10', 'ÁéÄć±'],
    ['latin-2', 'ÁéÄĺą'],
    ['CP-1252', 'ÁéÄå±'],
    ['cp_1252', 'ÁéÄå±'],
    ['windows1252', 'ÁéÄå±'],
    ['WINDOWS_1252', 'ÁéÄå±'],
    ['MS-ANSI', 'ÁéÄå±'],
    ['windows1250', 'ÁéÄĺ±'],
    ['TIS620', 'ม้ฤๅฑ'],
    ['KOI8R', 'аИдЕ╠'],
    ['cp-866', '┴щ─х▒'],
    ['MacCyrillic', 'Ѕйƒе±'],
    ['CP932', 'ﾁ鯑螻'],
    ['SJIS-win', 'ﾁ鯑螻'],
  ])('is respelled: %s', (label, text) => {
    const declaration = latin1(declare(label, ''));
    expect(decode(Uint8Array.of(...declaration, ...bytes))).toBe(declare(label, text));
  });

  it.each([
    ['eucJP-win', [0xc6, 0xfc], '日'],
    ['ujis', [0xc6, 0xfc], '日'],
    ['UHC', [0xc7, 0xd1], '한'],
    ['CP949', [0xc7, 0xd1], '한'],
    ['EUC-CN', [0xd6, 0xd0], '中'],
    ['CP936', [0xd6, 0xd0], '中'],
    ['GB-18030', [0xd6, 0xd0], '中'],
    ['BIG-5', [0xa4, 0xa4], '中'],
    ['CP950', [0xa4, 0xa4], '中'],
    ['UTF_8', [0xc3, 0xa9], 'é'],
  ])('is respelled: %s, of several bytes a character', (label, [first = 0, second = 0], text) => {
    const declaration = latin1(declare(label, ''));
    expect(decode(Uint8Array.of(...declaration, first, second))).toBe(declare(label, text));
  });
});

describe('bytes outside the encoding', () => {
  const latin1Header = 'text/xml;Charset="latin1"; x=1';

  it.each([
    ['of UTF-8 are lost', Uint8Array.of(0x3c, 0x61, 0xff, 0xfe, 0x62), null, '<a{lost}{lost}b'],
    ['of UTF-8 are lost beside valid ones', Uint8Array.of(0x3c, 0xc3, 0xa9, 0xe9, 0x62), null, '<é{lost}b'],
    [
      'are lost once for a truncated character',
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
      'are lost after a byte that starts no character',
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
    ['of UTF-8 are decoded by the header', latin1('<a>é</a>'), latin1Header, '<a>{reread}é</a>'],
    [
      'are decoded as Windows-1252 if the header says Latin-1',
      Uint8Array.of(0x3c, 0x61, 0x80, 0x92, 0xc3, 0xa9),
      latin1Header,
      '<a{reread}€{reread}’é',
    ],
    [
      "are lost if the header's encoding does not define them",
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
      "switch to the header's encoding if it is a multi-byte one",
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
      'of ASCII are decoded by the header',
      utf8(declare('us-ascii', '<a>é€</a>')),
      'text/xml; charset=utf-8',
      declare('us-ascii', '<a>{reread}é€</a>'),
    ],
    [
      'of ASCII are decoded by the header, byte by byte',
      latin1(declare('us-ascii', '<a>éa</a>')),
      latin1Header,
      declare('us-ascii', '<a>{reread}éa</a>'),
    ],
    [
      'of a multi-byte encoding are lost',
      Uint8Array.of(...latin1(declare('Shift_JIS', '<a>')), 0xff, 0x3c),
      null,
      declare('Shift_JIS', '<a>{lost}<'),
    ],
    ['of UTF-16 are lost', utf16le(`${bom}<a>\ud83d<`), null, '<a>{lost}<'],
    ['of UTF-16 are lost at the end', utf16be(`${bom}<a>\ud83d`), null, '<a>{lost}'],
    ['of UTF-16 are lost if a unit is truncated', utf16le(`${bom}<a>b`).subarray(0, 9), null, '<a>{lost}'],
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
