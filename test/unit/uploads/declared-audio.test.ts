/** An upload must match its type, to the last reserved bit of an MPEG frame header, and be playable. */
import { describe, expect, test } from 'vitest';
import { checkAudio } from '../../../src/uploads/declared-audio.ts';
import type { StagingError } from '../../../src/uploads/failure.ts';
import { createAudio } from '../../emulator/audio.ts';
import { concat, id3, playedWavs, refusedWavs, text, wavOf, zeros } from '../../support/wav-files.ts';

const subject = 'The body';
const padded = (...head: number[]) => Uint8Array.of(...head, ...new Uint8Array(40));
const check = (bytes: Uint8Array, declared: 'wav' | 'mp3' | null) =>
  checkAudio(
    { bytes: bytes.subarray(0, 1024 * 1024), isWhole: bytes.length < 1024 * 1024, subject },
    declared,
  );

function faultOf(bytes: Uint8Array, declared: 'wav' | 'mp3' | null): string {
  try {
    check(bytes, declared);
  } catch (error) {
    const { failure } = error as StagingError;
    return failure.kind === 'not-audio' ? failure.detail : failure.kind;
  }
  return '';
}

/** At 128 kbit/s and 44,100 Hz, and at 8 kbit/s and 8000 Hz. */
const frame = concat(Uint8Array.of(0xff, 0xfb, 0x90, 0x64), new Uint8Array(413).fill(0x55));
const shortFrame = concat(Uint8Array.of(0xff, 0xe3, 0x18, 0xc4), new Uint8Array(68).fill(0x55));
const mp3 = createAudio('mp3', { seed: 'declared', rate: 8000, seconds: 2 }).slice();

describe('an MP3', () => {
  test.each([
    ['frames of MPEG-1 Layer III', concat(frame, frame)],
    ['frames of MPEG-2.5 Layer III', concat(shortFrame, shortFrame)],
    ['its only frame', frame],
    ['its only frame, and zeros after it', concat(frame, zeros(95))],
    ['its only frame, and an ID3v1 tag after it', concat(frame, text('TAG'), zeros(125))],
    ['an ID3 tag, and its only frame', concat(id3(300), frame)],
    ['an ID3 tag with a picture of 100 kB', concat(id3(100_000), mp3)],
    ['an ID3 tag with a picture of 2 MB', concat(id3(2_000_000), mp3)],
    ['zeros and frames', concat(zeros(1500), mp3)],
    ['a partial frame', mp3.slice(50)],
    ['an ID3 tag and frames', concat(id3(3000), mp3)],
  ])('may start with %s', (_what, head) => {
    expect(check(head, 'mp3').format).toBe('mp3');
    expect(check(head, null).format).toBe('mp3');
  });

  test.each([
    ['AAC, whose layer is reserved in MP3', padded(0xff, 0xf1, 0x50, 0x80)],
    ['a frame of the reserved version', padded(0xff, 0xeb, 0x90, 0x64)],
    ['a frame of the forbidden bit rate', padded(0xff, 0xfb, 0xf0, 0x64)],
    ['a frame of the reserved sample rate', padded(0xff, 0xfb, 0x9c, 0x64)],
    ['a frame of the reserved emphasis', padded(0xff, 0xfb, 0x90, 0x66)],
    ['a frame sync only', Uint8Array.of(0xff, 0xfb)],
    ['a frame header, and text after it', concat(frame.slice(0, 4), text('no audio follows. '.repeat(500)))],
    ['a frame header, and zeros after it', padded(0xff, 0xfb, 0x90, 0x64)],
    ['one frame, and text after it', concat(frame, text('no audio follows. '.repeat(500)))],
    ['one frame, and one of another sample rate', concat(frame, shortFrame)],
    ['a byte order mark and text', concat(Uint8Array.of(0xff, 0xfe), text('t\0e\0x\0t\0'))],
    ['text about ID3 tags', text('ID3 tags hold the name of a call. '.repeat(50))],
    ['an ID3 tag only', id3(300)],
    ['an ID3 tag that is longer than the body', id3(3000).slice(0, 400)],
    ['an ID3 tag, and text after it', concat(id3(300), text('no audio follows. '.repeat(500)))],
    ['zeros only', zeros(2000)],
    ['the header of an MP4', concat(text('\0\0\0\x1cftypisom'), zeros(16), mp3)],
    ['the header of a QuickTime film', concat(text('\0\0\0\bwide'), mp3)],
    ['the header of a CAF', concat(text('caff\0\x01'), zeros(20), mp3)],
    ['the header of a Wave64', concat(text('riff.\x91\xcf\x11'), zeros(90), mp3)],
    ['the header of an AVI', concat(text('RIFF....AVI LIST'), mp3)],
    ['the header of an AU', concat(text('.snd'), zeros(24), mp3)],
    ['the header of an AIFF', concat(text('FORM....AIFC'), mp3)],
    ['the header of a FLAC behind an ID3 tag', concat(id3(100), text('fLaC'), mp3)],
    ['the header of a ZIP', concat(text('PK\x03\x04'), zeros(30), mp3)],
    ['the header of a gzip', concat(text('\x1f\x8b\b\0'), zeros(6), mp3)],
    ['the header of a tar', concat(text('call.mp3'), zeros(249), text('ustar'), zeros(250), mp3)],
    ['the header of an MPEG program stream', concat(Uint8Array.of(0, 0, 1, 0xba), zeros(30), mp3)],
    [
      'the boundary of a form',
      concat(text('--a1b2\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n'), mp3),
    ],
    [
      'packets of a transport stream',
      concat(...[0, 1, 2, 3].map(() => concat(text('G'), mp3.slice(0, 187)))),
    ],
    ['markup', concat(new TextEncoder().encode('<html>'), mp3)],
  ])('may not start with %s', (_what, head) => {
    expect(faultOf(head, 'mp3')).toBe('The body does not start as audio/mpeg does.');
    expect(faultOf(head, null)).toBe('The body starts as neither a WAV nor an MP3 does.');
  });
});

test.each(playedWavs)('$name is accepted without a warning, declared or not', ({ bytes }) => {
  for (const declared of ['wav', null] as const) {
    const { format, warningsAt } = check(bytes, declared);
    expect(format).toBe('wav');
    expect(warningsAt(bytes.length)).toEqual([]);
  }
});

test.each(refusedWavs)('$name is rejected with a detail that names it', ({ bytes, says }) => {
  expect(faultOf(bytes, 'wav')).toMatch(says);
  expect(faultOf(bytes, null)).not.toBe('');
});

test.each([
  [wavOf(), 'mp3', 'The body is audio/wav, and declared as audio/mpeg.'],
  [concat(id3(100), wavOf()), 'mp3', 'The body is audio/wav, and declared as audio/mpeg.'],
  [mp3, 'wav', 'The body is audio/mpeg, and declared as audio/wav.'],
  [zeros(0), 'wav', 'The body is empty.'],
] as const)('names the contradiction (%#)', (bytes, declared, detail) => {
  expect(faultOf(bytes, declared)).toBe(detail);
});

test.each([
  ['half of it', wavOf().slice(0, 16_044), 16_000, 32_000],
  ['its header only', wavOf().slice(0, 44), 0, 32_000],
  ['all but 513 bytes', wavOf().slice(0, -513), 31_487, 32_000],
  ['a large promise', wavOf({ data: 0x7ffe_0000 }), 32_000, 0x7ffe_0000],
])('%s arrived: the warning says so', (_what, bytes, arrived, promised) => {
  expect(check(bytes, 'wav').warningsAt(bytes.length)).toEqual([
    {
      code: 'audio-shorter-than-header',
      detail: `The header promises ${promised} bytes of audio; ${arrived} arrived.`,
    },
  ]);
});

test('a file that ends where its audio would start is accepted with a warning', () => {
  const bytes = wavOf({ body: zeros(0), riff: 36, data: 0 });
  expect(check(bytes, 'wav').warningsAt(44)).toMatchObject([{ code: 'no-audio' }]);
});

test('512 bytes short is within the rounding of recorders', () => {
  expect(check(wavOf().slice(0, -512), 'wav').warningsAt(44 + 31_488)).toEqual([]);
});
