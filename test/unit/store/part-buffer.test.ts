/** Chunks of any size become parts of one size, in one buffer. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPartBuffer } from '../../../src/store/part-buffer.ts';

function collect(partSizeBytes: number) {
  const sent: number[][] = [];
  const memory = new Set<ArrayBuffer>();
  const buffer = createPartBuffer({
    partSizeBytes,
    async send(part) {
      memory.add(part.buffer);
      await Promise.resolve();
      sent.push([...part]);
    },
  });
  return { buffer, sent, memory };
}

test('every byte arrives once and in order, in full parts and one rest', async () => {
  const sizes = fc.array(fc.nat(25), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 10 }), sizes, async (partSizeBytes, lengths) => {
      const { buffer, sent, memory } = collect(partSizeBytes);
      const expected: number[] = [];
      for (const length of lengths) {
        const chunk = Uint8Array.from({ length }, (_, index) => expected.length + index);
        expected.push(...chunk);
        await buffer.add(chunk);
        // The caller reuses its memory.
        chunk.fill(255);
      }
      expect(sent.every((part) => part.length === partSizeBytes)).toBe(true);
      expect(buffer.rest().length).toBeLessThan(partSizeBytes);
      expect([...sent.flat(), ...buffer.rest()]).toEqual(expected.map((byte) => byte & 255));
      expect(memory.size).toBeLessThanOrEqual(1);
    }),
  );
});

test('a part that cannot be sent rejects the chunk that filled it', async () => {
  const buffer = createPartBuffer({
    partSizeBytes: 4,
    send: () => Promise.reject(new Error('down')),
  });
  await buffer.add(new Uint8Array(3));
  await expect(buffer.add(new Uint8Array(1))).rejects.toThrow('down');
});
