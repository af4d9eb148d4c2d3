/** The sound of a recording in the asked format and rate; the same bytes every time. */

import type { Bytes } from './bytes.ts';
import { createMp3 } from './mp3.ts';
import { type AudioFile, createRepeating } from './repeating.ts';
import { type AudioOptions, createWav } from './wav.ts';

export type AudioFormat = 'wav' | 'mp3';

const audioTypes = { wav: 'audio/wav', mp3: 'audio/mpeg' };

/** Encoding costs a tenth of a second, and tests ask for the same few files. */
const cache = new Map<string, AudioFile>();
const cacheSize = 64;

export function createAudio(format: AudioFormat, options: AudioOptions): AudioFile {
  const key = JSON.stringify([format, options.seed, options.rate, options.seconds]);
  const known = cache.get(key);
  if (known) return known;
  const file = format === 'mp3' ? createMp3(options) : createWav(options);
  cache.set(key, file);
  const [oldest] = cache.keys();
  if (cache.size > cacheSize && oldest !== undefined) cache.delete(oldest);
  return file;
}

/** A file that is there as it is. */
export function createFixed(bytes: Bytes, format: AudioFormat): AudioFile {
  return createRepeating({
    contentType: audioTypes[format],
    head: bytes,
    unit: bytes,
    length: bytes.length,
    stamp() {},
  });
}

/** What the first bytes are, or null when they are no audio. */
export function sniffAudio(head: Uint8Array): AudioFormat | null {
  const text = String.fromCharCode(...head.subarray(0, 12));
  if (text.startsWith('RIFF') && text.endsWith('WAVE')) return 'wav';
  if (text.startsWith('ID3')) return 'mp3';
  return head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0 ? 'mp3' : null;
}
