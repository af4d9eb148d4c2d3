/** An upload begins as its type says, to the last bit that an MPEG frame header reserves. */
import { describe, expect, test } from 'vitest';
import { assertKind } from '../../../src/uploads/declared-audio.ts';

const padded = (...head: number[]) => Uint8Array.of(...head, ...new Uint8Array(40));

describe('as an MP3', () => {
  test.each([
    ['MPEG-1 Layer III', padded(0xff, 0xfb, 0x90, 0x64)],
    ['MPEG-2.5 Layer III', padded(0xff, 0xe3, 0x18, 0xc4)],
    ['an ID3 tag', padded(0x49, 0x44, 0x33, 4)],
  ])('goes %s', (_what, head) => {
    expect(() => assertKind(head, 'mp3')).not.toThrow();
  });

  test.each([
    ['AAC, whose layer is reserved in MP3', padded(0xff, 0xf1, 0x50, 0x80)],
    ['a frame of the reserved version', padded(0xff, 0xeb, 0x90, 0x64)],
    ['a frame of the forbidden bit rate', padded(0xff, 0xfb, 0xf0, 0x64)],
    ['a frame of the reserved sample rate', padded(0xff, 0xfb, 0x9c, 0x64)],
    ['a frame of the reserved emphasis', padded(0xff, 0xfb, 0x90, 0x66)],
    ['a frame sync alone', Uint8Array.of(0xff, 0xfb)],
  ])('does not go %s', (_what, head) => {
    expect(() => assertKind(head, 'mp3')).toThrow('not-audio');
  });
});
