/** A few seconds of audio shaped like speech: eight two-tone syllables with soft edges and some noise. */
import { createRandom, hash } from './random.ts';

/** Not a multiple of a common block size, so that bytes from a wrong position do not match by chance. */
const seconds = 3.1;
const syllables = 8;

/** 16-bit mono samples at `rate` per second; another seed is another voice. */
export function createPhrase(seed: string, rate: number): Int16Array<ArrayBuffer> {
  const random = createRandom(hash(seed));
  const samples = new Int16Array(Math.max(1, Math.round(seconds * rate)));
  const span = samples.length / syllables;
  for (let syllable = 0; syllable < syllables; syllable++) {
    const low = 140 + 260 * random();
    const high = low * (2 + 1.5 * random());
    const from = Math.round(syllable * span);
    const to = Math.round((syllable + 1) * span);
    for (let index = from; index < to; index++) {
      const angle = (2 * Math.PI * index) / rate;
      const fade = Math.sin((Math.PI * (index - from)) / (to - from)) ** 2;
      const tone = 0.6 * Math.sin(low * angle) + 0.3 * Math.sin(high * angle) + 0.04 * (random() - 0.5);
      samples[index] = Math.round(20_000 * fade * tone);
    }
  }
  return samples;
}
