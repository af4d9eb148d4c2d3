/** Collects chunks of any size into parts of one size, for stores that upload in parts. */

export interface PartBuffer {
  /** Sends each part that is full. The caller may reuse the chunk's memory once this resolves. */
  add(chunk: Uint8Array): Promise<void>;
  /** The bytes of the unfinished part; the memory belongs to the buffer. */
  rest(): Uint8Array<ArrayBuffer>;
}

export interface PartBufferOptions {
  readonly partSizeBytes: number;
  /** May use the part's memory until it resolves, since the next part replaces it. */
  readonly send: (part: Uint8Array<ArrayBuffer>) => Promise<void>;
}

/** Holds one part, whatever the length of the stream. */
export function createPartBuffer({ partSizeBytes, send }: PartBufferOptions): PartBuffer {
  const part = new Uint8Array(partSizeBytes);
  let filledBytes = 0;
  return {
    async add(chunk) {
      for (let left = chunk; left.length > 0; ) {
        const piece = left.subarray(0, partSizeBytes - filledBytes);
        part.set(piece, filledBytes);
        filledBytes += piece.length;
        left = left.subarray(piece.length);
        if (filledBytes < partSizeBytes) return;
        await send(part);
        filledBytes = 0;
      }
    },
    rest: () => part.subarray(0, filledBytes),
  };
}
