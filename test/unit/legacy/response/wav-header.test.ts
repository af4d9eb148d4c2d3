/** A WAV's audio is found where players find it, whatever its sizes say. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { skipTags } from '../../../../src/legacy/response/sniff.ts';
import { readWavHeader } from '../../../../src/legacy/response/wav-header.ts';
import { chunk, concat, formatChunk, playedWavs, u32, wavOf, zeros } from '../../../support/wav-files.ts';

const read = (bytes: Uint8Array, isWhole = true) => readWavHeader(bytes, skipTags(bytes), isWhole);

test.each(playedWavs)('$name has its audio after its data chunk', ({ bytes }) => {
  const reading = read(bytes);
  expect(reading.kind).toBe('wav');
  if (reading.kind !== 'wav') return;
  const { dataStart } = reading.header;
  expect(String.fromCharCode(...bytes.slice(dataStart - 8, dataStart - 4))).toBe('data');
});

test.each([
  [0, null],
  [1, 1],
  [32_000, 32_000],
  [0x7ffe_ffff, 0x7ffe_ffff],
  [0x7fff_0000, null],
  [0x7fff_efdb, null],
  [0x7fff_f000, null],
  [0x8000_0000, null],
  [0xffff_fff0, null],
  [0xffff_ffff, null],
])('a data size of %i is %s', (data, dataSize) => {
  expect(read(wavOf({ data }))).toMatchObject({ header: { dataSize } });
});

test('RF64 states its size in 64 bits', () => {
  const sizes = concat(u32(0), u32(2), u32(4), u32(3), zeros(12));
  const bytes = wavOf({
    form: 'RF64',
    data: 0xffff_ffff,
    middle: concat(chunk('ds64', sizes), formatChunk()),
  });
  expect(read(bytes)).toMatchObject({ header: { dataSize: 3 * 2 ** 32 + 4 } });
});

test('is incomplete while the audio may still arrive', () => {
  const bytes = wavOf({ middle: concat(chunk('LIST', zeros(100)), formatChunk()) });
  const start = bytes.length - 32_000;
  for (let length = 12; length < start; length += 1) {
    expect(read(bytes.slice(0, length), false).kind).toBe('incomplete');
    expect(read(bytes.slice(0, length), true).kind).toBe('fault');
  }
  expect(read(bytes.slice(0, start), false)).toMatchObject({ header: { dataStart: start } });
});

test('reaches a verdict on any bytes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('RIFF', 'RIFX', 'RF64', 'BW64'),
      fc.uint8Array({ maxLength: 200 }),
      (form, rest) => {
        const bytes = concat(wavOf({ form }).slice(0, 12), rest);
        expect(['wav', 'fault']).toContain(read(bytes).kind);
        expect(['wav', 'fault', 'incomplete']).toContain(read(bytes, false).kind);
      },
    ),
  );
});

test('finds the audio after any chunks', () => {
  const chunks = fc.array(fc.tuple(fc.constantFrom('LIST', 'bext', 'cue ', 'fact', 'id3 '), fc.nat(3000)), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(chunks, fc.nat(0xffff_ffff), (front, riff) => {
      const middle = concat(...front.map(([id, size]) => chunk(id, zeros(size))), formatChunk());
      expect(read(wavOf({ riff, middle }))).toMatchObject({ header: { dataStart: 20 + middle.length } });
    }),
  );
});
