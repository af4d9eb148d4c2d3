/** A WAV's sizes are held against how long it is; what a recorder could not know is not. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findSizeFault, wavHeaderLength } from '../../../src/uploads/wav-header.ts';

interface Chunk {
  readonly id: string;
  readonly size: number;
  /** Where it is not what the header says. */
  readonly stated?: number;
}

const format: Chunk = { id: 'fmt ', size: 16 };

/** The header's first bytes and the length of the file. */
function createFile(chunks: readonly Chunk[], { riff, extra = 0 }: { riff?: number; extra?: number } = {}) {
  const padded = (size: number) => size + (size % 2);
  const end = chunks.reduce((sum, { size }) => sum + 8 + padded(size), 12);
  const bytes = new Uint8Array(end + Math.max(0, extra));
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string) => bytes.set(new TextEncoder().encode(value), at);
  text(0, 'RIFF');
  view.setUint32(4, riff ?? end - 8, true);
  text(8, 'WAVE');
  let at = 12;
  for (const { id, size, stated } of chunks) {
    text(at, id);
    view.setUint32(at + 4, stated ?? size, true);
    at += 8 + padded(size);
  }
  return { head: bytes.subarray(0, wavHeaderLength), length: end + extra };
}

const fault = (...file: Parameters<typeof createFile>) => {
  const { head, length } = createFile(...file);
  return findSizeFault(head, length);
};

const data = (size: number, stated?: number): Chunk => ({
  id: 'data',
  size,
  ...(stated !== undefined && { stated }),
});

test.each([
  ['a plain file', [format, data(100)], {}],
  ['no samples', [format, data(0)], {}],
  [
    'chunks around its data',
    [{ id: 'JUNK', size: 28 }, format, { id: 'bext', size: 603 }, data(100), { id: 'LIST', size: 26 }],
    {},
  ],
  ['the padding of iOS', [format, { id: 'FLLR', size: 4044 }, data(100)], {}],
  ['a header longer than is looked at', [format, { id: 'JUNK', size: 20_000 }, data(100)], {}],
  ['an odd number of bytes, padded', [format, data(101)], {}],
  ['an odd number of bytes, its pad not counted', [format, data(101)], { riff: 36 + 101 }],
  ['an odd number of bytes, its pad left out', [format, data(101)], { riff: 36 + 101, extra: -1 }],
  ['sizes of a recorder that streams', [format, data(100, 0xffff_ffff)], { riff: 0xffff_ffff }],
  ['sizes of none', [format, data(100, 0)], { riff: 0 }],
  ['sizes of sox to a pipe', [format, data(100, 0x7fff_f000)], { riff: 0x7fff_f024 }],
  ['an unknown whole and a known part', [format, data(100)], { riff: 0 }],
] as const)('%s is sound', (_title, chunks, options) => {
  expect(fault(chunks, options)).toBeNull();
});

test.each([
  [
    'more than there is',
    [format, data(100)],
    { extra: -10 },
    'its header promises 144 bytes and there are 134',
  ],
  [
    'less than there is',
    [format, data(100)],
    { extra: 2 },
    'its header ends it after 144 bytes and there are 146',
  ],
  ['data past the end', [format, data(100, 101)], {}, 'its data chunk promises 101 bytes and there are 100'],
  [
    'data past the end of an unknown whole',
    [format, data(100, 500)],
    { riff: 0 },
    'its data chunk promises 500 bytes and there are 100',
  ],
  [
    'less data than follows',
    [format, data(100, 50)],
    {},
    'there is no chunk at byte 94, where its header says that one begins',
  ],
  ['data before its format', [data(100), format], {}, 'it has no fmt chunk before its data'],
  [
    'a format past the end',
    [{ ...format, stated: 1e6 }, data(100)],
    {},
    'its fmt chunk promises 1000000 bytes and there are 124',
  ],
] as const)('%s is a fault', (_title, chunks, options, expected) => {
  expect(fault(chunks, options)).toBe(expected);
});

test('two files in one are refused: a player would stop after the first', () => {
  const { head, length } = createFile([format, data(100)]);
  expect(findSizeFault(head, 2 * length)).toContain('ends it after 144');
});

test('whatever the bytes, there is a verdict', () => {
  const start = Array.from('RIFF', (char) => char.charCodeAt(0));
  const file = fc.uint8Array({ minLength: 8, maxLength: 200 });
  fc.assert(
    fc.property(file, fc.nat(1000), (rest, more) => {
      const head = Uint8Array.from([...start, ...rest]);
      const verdict = findSizeFault(head, head.length + more);
      expect(verdict === null || verdict.length > 10).toBe(true);
    }),
  );
});

test('any chunks that add up are sound, and one byte less is not', () => {
  const chunk = fc.record({ id: fc.constantFrom('LIST', 'bext', 'cue ', 'fact'), size: fc.nat(3000) });
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 8 }), fc.integer({ min: 1, max: 5000 }), (chunks, size) => {
      const file = createFile([...chunks, format, data(2 * size)]);
      expect(findSizeFault(file.head, file.length)).toBeNull();
      expect(findSizeFault(file.head.subarray(0, file.length - 1), file.length - 1)).not.toBeNull();
    }),
  );
});
