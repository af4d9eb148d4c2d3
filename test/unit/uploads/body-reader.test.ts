/** Pieces of an upload: joined from small chunks, and never overwritten before their memory is returned. */
import { expect, test } from 'vitest';
import { createBodyReader, readAhead } from '../../../src/uploads/body-reader.ts';

const whole = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);

function toBody(chunkBytes: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(whole.slice(at, at + chunkBytes));
      at += chunkBytes;
      if (at >= whole.length) controller.close();
    },
  });
}

async function readAll(chunkBytes: number, isRecycled: boolean): Promise<Uint8Array[]> {
  const reader = createBodyReader(toBody(chunkBytes), 1000);
  const pieces: Uint8Array[] = [];
  for (let piece = await reader.read(64); piece.length > 0; piece = await reader.read(64)) {
    pieces.push(isRecycled ? piece.slice() : piece);
    if (isRecycled) reader.recycle(piece);
  }
  expect(reader.count).toBe(1000);
  return pieces;
}

test.each([1, 7, 63, 64, 65, 200, 1000])(
  'chunks of %i bytes become pieces of one size',
  async (chunkBytes) => {
    for (const isRecycled of [true, false]) {
      const pieces = await readAll(chunkBytes, isRecycled);
      expect(pieces.map(({ length }) => length)).toEqual([...Array(15).fill(64), 40]);
      expect(Buffer.concat(pieces).equals(whole)).toBe(true);
    }
  },
);

test('small chunks are joined in the memory that was returned', async () => {
  const reader = createBodyReader(toBody(7), 1000);
  const first = await reader.read(64);
  reader.recycle(first);
  expect((await reader.read(64)).buffer).toBe(first.buffer);
});

test('bytes that were read ahead stay as they are, although later pieces are returned', async () => {
  const { head, reader } = await readAhead(createBodyReader(toBody(7), 1000), 100);
  const pieces: Uint8Array[] = [];
  for (let piece = await reader.read(64); piece.length > 0; piece = await reader.read(64)) {
    pieces.push(piece.slice());
    reader.recycle(piece);
  }
  expect(Buffer.concat(pieces).equals(whole)).toBe(true);
  expect(Buffer.from(head).equals(whole.subarray(0, 100))).toBe(true);
});

test('a body over the limit is rejected at the byte past it', async () => {
  const reader = createBodyReader(toBody(7), 999);
  await expect(reader.read(2000)).rejects.toMatchObject({ failure: { kind: 'too-large', limit: 999 } });
});
