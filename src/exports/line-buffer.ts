/**
 * Collects lines as bytes, in memory that is used again. Rows that wait for the others of their chunk outlive V8's young
 * generation, so that a list of a million left 100 MB of garbage.
 */

export interface LineBuffer {
  add(line: string): void;
  /** Valid until the next line is added. */
  bytes(): Uint8Array;
  /** Of lines. */
  count(): number;
  clear(): void;
}

const firstSizeBytes = 256 * 1024;
/** UTF-8 takes at most this many bytes for a UTF-16 unit. */
const maxUnitBytes = 3;

export function createLineBuffer(): LineBuffer {
  const encoder = new TextEncoder();
  let memory = new Uint8Array(firstSizeBytes);
  let filledBytes = 0;
  let lines = 0;

  function reserve(sizeBytes: number): void {
    if (filledBytes + sizeBytes <= memory.length) return;
    const larger = new Uint8Array(2 * (filledBytes + sizeBytes));
    larger.set(memory.subarray(0, filledBytes));
    memory = larger;
  }

  return {
    add(line) {
      reserve(line.length * maxUnitBytes);
      filledBytes += encoder.encodeInto(line, memory.subarray(filledBytes)).written;
      lines += 1;
    },
    bytes: () => memory.subarray(0, filledBytes),
    count: () => lines,
    clear() {
      filledBytes = 0;
      lines = 0;
    },
  };
}
