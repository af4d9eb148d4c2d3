/** Recognition of WAV and MP3 by the first bytes of a body. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sniffAudio, sniffLength } from '../../../../src/legacy/response/sniff.ts';

const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...part].map((char) => char.charCodeAt(0)) : part)),
  );

const utf16 = (text: string, littleEndian: boolean) =>
  [...`\ufeff${text}`].flatMap((char) => {
    const code = char.charCodeAt(0);
    return littleEndian ? [code & 255, code >> 8] : [code >> 8, code & 255];
  });

describe('the first bytes', () => {
  it('are those of an MP3 after any frame sync except MPEG-1 Layer I, whatever the header says', () => {
    const second = fc.integer({ min: 0xe0, max: 0xff });
    const rest = fc.uint8Array({ minLength: 2, maxLength: 64 });
    fc.assert(
      fc.property(second, rest, (sync, more) => {
        const kind = sniffAudio(Uint8Array.of(0xff, sync, ...more));
        if (sync >= 0xfe) expect(kind).not.toBe('mp3');
        else expect(kind).toBe('mp3');
      }),
    );
  });

  it.each([
    ['a RIFF file of WAVE', bytes('RIFF', [0x24, 0, 0, 0], 'WAVEfmt '), 'wav'],
    ['a RIFF file of unknown length', bytes('RIFF', [0xff, 0xff, 0xff, 0xff], 'WAVEfmt '), 'wav'],
    ['a RIFF file of another form', bytes('RIFF', [0x24, 0, 0, 0], 'AVI LIST'), null],
    ['a RIFF file truncated before its form', bytes('RIFF', [0x24, 0, 0, 0], 'WAV'), null],
    ['an ID3 tag', bytes('ID3', [4, 0, 0, 0, 0, 0, 0, 0, 0]), 'mp3'],
    ['MPEG-1 Layer III', bytes([0xff, 0xfb, 0x90, 0x64]), 'mp3'],
    ['MPEG-1 Layer III with a checksum', bytes([0xff, 0xfa, 0x90, 0x64]), 'mp3'],
    ['MPEG-2 Layer III', bytes([0xff, 0xf3, 0x40, 0xc4]), 'mp3'],
    ['MPEG-2.5 Layer III, as at 8000 Hz', bytes([0xff, 0xe3, 0x18, 0xc4]), 'mp3'],
    ['MPEG-1 Layer II', bytes([0xff, 0xfd, 0x90, 0x64]), 'mp3'],
    ['a frame sync truncated before its header ends', bytes([0xff, 0xfb, 0x90]), null],
    ['a JPEG picture', bytes([0xff, 0xd8, 0xff, 0xe0], 'JFIF'), null],
    ['an envelope', bytes('<response>'), 'xml'],
    ['an XML declaration after white space', bytes('\r\n\t <?xml'), 'xml'],
    ['an HTML page', bytes('<!DOCTYPE html>'), 'xml'],
    ['an envelope after a UTF-8 byte order mark', bytes([0xef, 0xbb, 0xbf], '\n<response'), 'xml'],
    ['an envelope in UTF-16, little-endian', bytes(utf16('<resp', true)), 'xml'],
    ['an envelope in UTF-16 after white space', bytes(utf16('\r\n <r', true)), 'xml'],
    ['an envelope in UTF-16, big-endian', bytes(utf16('\n<resp', false)), 'xml'],
    ['a text in UTF-16, whose mark looks like a frame sync', bytes(utf16('Error', true)), null],
    ['plain text', bytes('Service unavailable'), null],
    ['erased storage', new Uint8Array(12).fill(0xff), null],
    ['zeros', new Uint8Array(12), null],
    ['nothing', new Uint8Array(), null],
  ])('are those of %s', (_what, head, kind) => {
    expect(sniffAudio(head)).toBe(kind);
  });

  it.each([
    ['wav', bytes('RIFF', [0x24, 0, 0, 0], 'WAVE')],
    ['mp3', bytes('ID3')],
    ['mp3', bytes([0xff, 0xfb, 0x90, 0x64])],
    ['xml', bytes(' <')],
  ])('decide alone: the bytes after them leave %s unchanged', (kind, head) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (rest) => {
        expect(head.length).toBeLessThanOrEqual(sniffLength);
        expect(sniffAudio(Uint8Array.of(...head, ...rest))).toBe(kind);
      }),
    );
  });
});
