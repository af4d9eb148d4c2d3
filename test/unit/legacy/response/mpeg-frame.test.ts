/** Frames of MP3s are as long as the encoder made them, whatever precedes or follows them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endsOnFrame, findFrames, readMpegFrame } from '../../../../src/legacy/response/mpeg-frame.ts';
import { createAudio } from '../../../emulator/audio.ts';
import { concat, id3, text, u32, zeros } from '../../../support/wav-files.ts';

const rates = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
const encoded = new Map(
  rates.map((rate) => [rate, createAudio('mp3', { seed: 'frames', rate, seconds: 2 }).slice()]),
);
const mp3 = encoded.get(8000) ?? zeros(0);
const tailOf = (bytes: Uint8Array) => bytes.slice(-8192);

test.each(rates)('every frame at %i Hz leads to the next, and the last to the end', (rate) => {
  const bytes = encoded.get(rate) ?? zeros(0);
  let count = 0;
  let at = 0;
  while (at < bytes.length) {
    const frame = readMpegFrame(bytes, at);
    if (!frame) break;
    at += frame.length;
    count += 1;
  }
  expect(at).toBe(bytes.length);
  expect(count).toBeGreaterThan(20);
});

describe('two consecutive frames', () => {
  const frame = readMpegFrame(mp3, 0)?.length ?? 0;

  test.each([
    ['at once', zeros(0)],
    ['after zeros', zeros(1000)],
    ['after a partial frame', mp3.slice(17, frame)],
    ['after an ID3 tag', id3(500)],
    ['after text', text('APETAGEX and more')],
    ['after a sync that leads nowhere', concat(mp3.slice(0, 4), zeros(300))],
  ])('are found %s', (_where, front) => {
    expect(findFrames(concat(front, mp3))).toBe(front.length);
  });

  test.each([
    ['one frame', mp3.slice(0, frame)],
    [
      'a frame and a frame of another rate',
      concat(mp3.slice(0, frame), encoded.get(11_025)?.slice(0, 100) ?? zeros(0)),
    ],
    ['text', text('Service unavailable '.repeat(500))],
    ['erased storage', new Uint8Array(5000).fill(0xff)],
    ['zeros', zeros(5000)],
    ['nothing', zeros(0)],
  ])('are not found in %s', (_what, bytes) => {
    expect(findFrames(bytes)).toBeNull();
  });
});

describe('the end of an MP3', () => {
  const apeFooter = (size: number, flags: number) =>
    concat(text('APETAGEX'), u32(2000), u32(size), u32(1), u32(flags), zeros(8));

  test.each([
    ['its last frame', zeros(0)],
    ['an ID3v1 tag', concat(text('TAG'), zeros(125))],
    ['an APEv2 tag', concat(zeros(100), apeFooter(132, 0))],
    [
      'an APEv2 tag with a header',
      concat(apeFooter(132, 0xa000_0000), zeros(100), apeFooter(132, 0x8000_0000)),
    ],
    ['an APEv2 tag and an ID3v1 tag', concat(zeros(100), apeFooter(132, 0), text('TAG'), zeros(125))],
    ['zeros', zeros(700)],
  ])('is complete with %s', (_what, trailer) => {
    for (const bytes of encoded.values()) expect(endsOnFrame(tailOf(concat(bytes, trailer)))).toBe(true);
  });

  test('is complete in a file of one frame', () => {
    expect(endsOnFrame(mp3.slice(0, readMpegFrame(mp3, 0)?.length))).toBe(true);
  });

  test('is incomplete when cut anywhere in a frame', () => {
    for (const [rate, bytes] of encoded) {
      const second = readMpegFrame(bytes, 0)?.length ?? 0;
      const cut = bytes.length - second + 1;
      for (let length = cut; length < cut + 150 && length < bytes.length - 1; length += 7) {
        const isFrame = endsOnFrame(tailOf(bytes.slice(0, length)));
        expect({ rate, length, isFrame }).toEqual({ rate, length, isFrame: false });
      }
    }
  });

  test.each([
    ['text', concat(mp3, text('<br />\n<b>Fatal error</b>: Maximum execution time'))],
    ['nothing', zeros(0)],
    ['zeros only', zeros(3000)],
  ])('is incomplete with %s', (_what, bytes) => {
    expect(endsOnFrame(tailOf(bytes))).toBe(false);
  });
});

test('any bytes get a verdict', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
      expect([true, false]).toContain(endsOnFrame(bytes));
      const found = findFrames(bytes);
      if (found !== null) expect(readMpegFrame(bytes, found)).not.toBeNull();
    }),
  );
});
