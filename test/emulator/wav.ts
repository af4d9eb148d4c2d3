/** WAV files as the legacy service makes them: PCM, 16 bits, mono, at the requested rate. */
import { createPhrase } from './phrase.ts';
import { type AudioFile, createRepeating } from './repeating.ts';

export interface AudioOptions {
  /** Determines the sound; the emulator uses the account and the sid. */
  readonly seed: string;
  /** In samples per second. */
  readonly rate: number;
  readonly seconds: number;
}

const headerLength = 44;

export function createWav({ seed, rate, seconds }: AudioOptions): AudioFile {
  const samples = createPhrase(seed, rate);
  const unit = new Uint8Array(samples.length * 2);
  const view = new DataView(unit.buffer);
  for (const [index, sample] of samples.entries()) view.setInt16(index * 2, sample, true);
  const dataLength = Math.round(seconds * rate) * 2;
  return createRepeating({
    contentType: 'audio/wav',
    head: createHeader(rate, dataLength),
    unit,
    length: headerLength + dataLength,
    stamp(copy, number) {
      copy[0] = number & 0xff;
      copy[1] = (number >> 8) & 0x7f;
    },
  });
}

function createHeader(rate: number, dataLength: number): Uint8Array {
  const header = new Uint8Array(headerLength);
  const view = new DataView(header.buffer);
  const text = (offset: number, value: string) => header.set(new TextEncoder().encode(value), offset);
  text(0, 'RIFF');
  view.setUint32(4, headerLength - 8 + dataLength, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, dataLength, true);
  return header;
}
