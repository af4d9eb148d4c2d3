import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createXmlDecoder } from '../../../../src/legacy/xml/charset.ts';

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

describe('the charset', () => {
  it.each([
    ['UTF-8 where nothing names another', utf8(plain), null, plain],
    ['UTF-8 by its mark', utf8(bom + plain), null, plain],
    ['UTF-8 by its mark, of which a second one is text', utf8(bom + bom + plain), null, bom + plain],
    ['UTF-16, little end first, by its mark', utf16le(bom + plain), null, plain],
    ['UTF-16, big end first, by its mark', utf16be(bom + plain), null, plain],
    ['UTF-16 by the width of its first character', utf16le(plain), null, plain],
    ['UTF-16, big end first, by the same', utf16be(declare('UTF-16')), null, declare('UTF-16')],
    ['what Content-Type names', latin1('<a>é</a>'), 'text/xml; charset=ISO-8859-1', '<a>é</a>'],
    ['what Content-Type names in quotes', latin1('<a>é</a>'), 'text/xml;Charset="latin1"; x=1', '<a>é</a>'],
    ['what Content-Type names, big end first', utf16be(plain), 'text/xml; charset=utf-16', plain],
    ['what Content-Type names, in the order of the bytes', utf16le(plain), 'text/xml; charset=utf-16', plain],
    ['what the declaration names', latin1(declare('ISO-8859-1')), null, declare('ISO-8859-1')],
    [
      'what the declaration names in other quotes',
      latin1(`<?xml version='1.0' encoding = 'latin1' ?><é/>`),
      'text/xml',
      `<?xml version='1.0' encoding = 'latin1' ?><é/>`,
    ],
    ['the mark against Content-Type', utf8(bom + plain), 'text/xml; charset=iso-8859-1', plain],
    [
      'Content-Type against the declaration',
      utf8(declare('iso-8859-1')),
      'text/xml; charset=utf-8',
      declare('iso-8859-1'),
    ],
    ['the mark against the declaration', utf8(bom + declare('iso-8859-1')), null, declare('iso-8859-1')],
    [
      'UTF-8 where the declaration names none',
      utf8(`<?xml version="1.0"?>${plain}`),
      null,
      `<?xml version="1.0"?>${plain}`,
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
    ['none for nothing', new Uint8Array(), null, ''],
    ['UTF-8 for three bytes', utf8('<a>'), null, '<a>'],
  ])('is %s, wherever the chunks end', (_what, bytes, contentType, text) => {
    for (const step of [1, 2, 3, 5, 1000]) expect(decode(bytes, contentType, step)).toBe(text);
  });

  test('ISO-8859-1 is itself, and windows-1252 has its own characters', () => {
    const bytes = Uint8Array.of(0x3c, 0x80, 0x92, 0xe9);
    expect(decode(bytes, 'text/xml; charset=ISO-8859-1')).toBe('<\x80\x92é');
    expect(decode(bytes, 'text/xml; charset=windows-1252')).toBe('<€’é');
  });

  it.each([
    ['a charset that is not known', utf8(declare('shift_jis')), null],
    ['the same in Content-Type', utf8(plain), 'text/xml; charset=utf-7'],
    ['a byte that UTF-8 has not', Uint8Array.of(0x3c, 0x61, 0x3e, 0xff), null],
    ['a surrogate in UTF-8', Uint8Array.of(0x3c, 0x61, 0x3e, 0xed, 0xa0, 0x80, 0x3c), null],
    ['an overlong form in UTF-8', Uint8Array.of(0x3c, 0x61, 0x3e, 0xc0, 0xbc), null],
    ['half a character at the end', utf8('<a>é').subarray(0, 4), null],
    ['half a unit at the end of UTF-16', utf16le('<a>').subarray(0, 5), null],
    ['half a pair in UTF-16', utf16le('<a>\ud83d<'), null],
    ['half a pair at the end of UTF-16', utf16be('<a>\ud83d'), null],
    ['a declaration of UTF-16 in single bytes', utf8(declare('UTF-16')), null],
    ['a byte above ASCII', latin1('<a>é'), 'text/xml; charset=us-ascii'],
  ])('refuses %s, wherever the chunks end', (_what, bytes, contentType) => {
    for (const step of [1, 2, 1000]) expect(() => decode(bytes, contentType, step)).toThrow(/charset/);
  });

  test('keeps any text in any charset that has it, cut anywhere', () => {
    const text = fc.string({ unit: 'binary' }).map((rest) => `<a>${rest}`);
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 9 }), (sample, step) => {
        expect(decode(utf8(sample), null, step)).toBe(sample);
        expect(decode(utf16le(sample), null, step)).toBe(sample);
        expect(decode(utf16be(bom + sample), null, step)).toBe(sample);
      }),
    );
  });
});
