/** The waveform of a WAV as it streams. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPeaks } from '../../../src/panel/wav-peaks.ts';

interface Form {
  readonly tag?: number;
  readonly bits?: number;
  /** The data length in the header, in bytes; correct by default. */
  readonly declared?: number;
  /** Size of a chunk before the data, in bytes. */
  readonly before?: number;
}

function toWav(
  data: Uint8Array,
  { tag = 1, bits = 16, declared = data.length, before = 0 }: Form = {},
): Uint8Array {
  const extra = before > 0 ? 8 + before + (before % 2) : 0;
  const wav = new Uint8Array(44 + extra + data.length);
  const view = new DataView(wav.buffer);
  const name = (at: number, text: string) => wav.set(new TextEncoder().encode(text), at);
  name(0, 'RIFF');
  view.setUint32(4, wav.length - 8, true);
  name(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, tag, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 8000, true);
  view.setUint32(28, (8000 * bits) / 8, true);
  view.setUint16(32, bits / 8, true);
  view.setUint16(34, bits, true);
  if (extra > 0) {
    name(36, 'LIST');
    view.setUint32(40, before, true);
  }
  name(36 + extra, 'data');
  view.setUint32(40 + extra, declared, true);
  wav.set(data, 44 + extra);
  return wav;
}

function stream(bytes: Uint8Array, size = bytes.length): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

const toSamples = (...values: number[]) => new Uint8Array(new Int16Array(values).buffer);

test('each interval is as tall as its loudest sample, of either sign', async () => {
  const wav = toWav(toSamples(0, -16384, 8192, 0, 0, 0, 32767, -32768));
  const peaks = await readPeaks(stream(wav), { buckets: 4, total: wav.length });
  expect(peaks && [...peaks.levels]).toEqual([0.5, 0.25, 0, 1]);
  expect(peaks?.duration).toBe(8 / 8000);
});

test('it is the same for all chunk sizes and for all chunks before the data', async () => {
  const samples = fc.array(fc.integer({ min: -32768, max: 32767 }), { minLength: 1, maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(
      samples,
      fc.integer({ min: 1, max: 90 }),
      fc.integer({ min: 0, max: 50 }),
      async (values, size, before) => {
        const plain = toWav(toSamples(...values));
        const other = toWav(toSamples(...values), { before });
        const whole = await readPeaks(stream(plain), { buckets: 7, total: plain.length });
        expect(await readPeaks(stream(other, size), { buckets: 7, total: other.length })).toEqual(whole);
      },
    ),
  );
});

test.each([
  { what: '8 bits', form: { bits: 8 }, data: [128, 0, 192, 255] },
  { what: 'µ-law', form: { tag: 7, bits: 8 }, data: [0xff, 0x00, 0x80, 0x7f] },
])('$what are read', async ({ form, data }) => {
  const wav = toWav(new Uint8Array(data), form);
  const peaks = await readPeaks(stream(wav), { buckets: 4, total: wav.length });
  expect(peaks?.levels[0]).toBe(0);
  expect(peaks?.levels[1]).toBeGreaterThan(0.95);
});

test.each([0, 0xff_ff_ff_ff])(
  'the length of the response overrides a length of %d in the header',
  async (declared) => {
    const wav = toWav(toSamples(1000, 0, 0, 2000), { declared });
    const peaks = await readPeaks(stream(wav), { buckets: 4, total: wav.length });
    expect(peaks?.levels.map((level) => Math.round(level * 32768))).toEqual(
      new Float32Array([1000, 0, 0, 2000]),
    );
  },
);

test.each([
  { what: 'MP3', bytes: new Uint8Array(100_000).fill(0xff) },
  {
    what: 'a codec that browsers cannot play either',
    bytes: toWav(new Uint8Array(100_000), { tag: 0x31, bits: 8 }),
  },
  { what: 'nothing', bytes: new Uint8Array(0) },
  { what: 'a header only', bytes: toWav(new Uint8Array(0)) },
])('$what has no waveform', async ({ bytes }) => {
  expect(await readPeaks(stream(bytes, 1000), { buckets: 4, total: bytes.length })).toBeNull();
});
