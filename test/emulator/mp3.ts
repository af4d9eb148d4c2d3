/** MP3 files from a real encoder; a long recording repeats one encoded phrase. */
import { Mp3Encoder } from '@breezystack/lamejs';
import { concat } from './bytes.ts';
import { createPhrase } from './phrase.ts';
import { type AudioFile, createRepeating } from './repeating.ts';
import type { AudioOptions } from './wav.ts';

/** All sample rates of MPEG audio, versions 2.5, 2 and 1. */
const mpegRates = [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000];

/** The MPEG rate closest to the requested one. */
function toMpegRate(rate: number): number {
  return mpegRates.reduce((best, next) => (Math.abs(next - rate) < Math.abs(best - rate) ? next : best));
}

export function createMp3({ seed, rate, seconds }: AudioOptions): AudioFile {
  const mpegRate = toMpegRate(rate);
  const unit = encodePhrase(seed, mpegRate);
  const frames = findFrames(unit);
  const wanted = Math.max(1, Math.round((seconds * mpegRate) / samplesPerFrame(mpegRate)));
  return createRepeating({
    contentType: 'audio/mpeg',
    head: new Uint8Array(),
    unit,
    length: Math.floor(wanted / frames.length) * unit.length + (frames[wanted % frames.length] ?? 0),
    // The private bit of a frame's header is free for the application (ISO 11172-3, 2.4.2.3): 31 frames hold the number.
    stamp(copy, number) {
      for (const [bit, offset] of frames.slice(0, 31).entries()) {
        if ((number >> bit) & 1) copy[offset + 2] = (copy[offset + 2] ?? 0) | 1;
      }
    },
  });
}

function samplesPerFrame(mpegRate: number): number {
  return mpegRate < 32_000 ? 576 : 1152;
}

function kilobits(mpegRate: number): number {
  return mpegRate < 32_000 ? 32 : 64;
}

function encodePhrase(seed: string, mpegRate: number): Uint8Array {
  const encoder = new Mp3Encoder(1, mpegRate, kilobits(mpegRate));
  const body = encoder.encodeBuffer(createPhrase(seed, mpegRate));
  const rest = encoder.flush();
  // The encoder returns signed bytes, despite its types.
  return concat([body, rest].map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength)));
}

/** The offset of each frame. At a constant bit rate, the padding bit of the header decides a frame's length. */
function findFrames(mp3: Uint8Array): number[] {
  const offsets: number[] = [];
  for (let offset = 0; offset < mp3.length; offset += frameLength(mp3, offset)) offsets.push(offset);
  return offsets;
}

/** In bytes, for layer III; throws if no frame starts here. */
export function frameLength(mp3: Uint8Array, offset: number): number {
  const [sync = 0, version = 0, rates = 0] = mp3.subarray(offset, offset + 3);
  if (sync !== 0xff || (version & 0xe6) !== 0xe2) throw new RangeError(`No MPEG frame at byte ${offset}`);
  const generation = (version >> 3) & 3;
  const rate = ([44_100, 48_000, 32_000][(rates >> 2) & 3] ?? 0) / ([4, 0, 2, 1][generation] ?? 1);
  const bitRates = generation === 3 ? [0, 32, 40, 48, 56, 64] : [0, 8, 16, 24, 32, 40, 48, 56, 64];
  const bitRate = (bitRates[rates >> 4] ?? 0) * 1000;
  return Math.floor((samplesPerFrame(rate) / 8) * (bitRate / rate)) + ((rates >> 1) & 1);
}
