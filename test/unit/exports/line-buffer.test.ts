/** The buffer of lines: it grows with them, and its memory is used again. */
import { expect, test } from 'vitest';
import { createLineBuffer } from '../../../src/exports/line-buffer.ts';

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test('it has the lines as UTF-8, of any number and length', () => {
  const buffer = createLineBuffer();
  const lines = [...Array.from({ length: 5000 }, (_, index) => `${index} é€😀\n`), 'x'.repeat(2_000_000)];
  for (const line of lines) buffer.add(line);
  expect([buffer.count(), decode(buffer.bytes()) === lines.join('')]).toEqual([lines.length, true]);
});

test('it is empty after it was cleared', () => {
  const buffer = createLineBuffer();
  buffer.add('a longer line\n');
  buffer.clear();
  expect([buffer.count(), buffer.bytes().length]).toEqual([0, 0]);
  buffer.add('b\n');
  expect([buffer.count(), decode(buffer.bytes())]).toEqual([1, 'b\n']);
});
