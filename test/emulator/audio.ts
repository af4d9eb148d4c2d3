/** The audio of a recording in the requested format and rate; always the same bytes. */

import type { Bytes } from './bytes.ts';
import { createMp3 } from './mp3.ts';
import { type AudioFile, createRepeating } from './repeating.ts';
import { type AudioOptions, createWav } from './wav.ts';

export type AudioFormat = 'wav' | 'mp3';

const audioTypes = { wav: 'audio/wav', mp3: 'audio/mpeg' };

/** Encoding takes a tenth of a second, and tests request the same few files. */
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

/** An existing file, unchanged. */
export function createFixed(bytes: Bytes, format: AudioFormat): AudioFile {
  return createRepeating({
    contentType: audioTypes[format],
    head: bytes,
    unit: bytes,
    length: bytes.length,
    stamp() {},
  });
}

/** The format by the first bytes, as a tolerant player finds it; null for other bytes. */
export function sniffAudio(head: Uint8Array): AudioFormat | null {
  const text = String.fromCharCode(...head);
  if (/^(?:ID3.{1,2000}?)?(?:RIFF|RIFX|RF64|BW64).{4}WAVE/s.test(text)) return 'wav';
  return text.startsWith('ID3') || /\xff[\xe2-\xff].{2}/s.test(text) ? 'mp3' : null;
}
