/** Reads a web stream in buffers, so that scripts run rarely even if it arrives in small chunks. */

export interface ByteReader {
  /** Up to `size` bytes; from a byte stream at least `atLeast` of them, unless it ends. */
  read(size: number, atLeast: number): Promise<Uint8Array | null>;
  /** Returns a chunk's memory for the next read to fill, which is twice as fast as new memory for large bodies. */
  recycle(chunk: Uint8Array): void;
  /** Releases the stream, and returns the bytes that were taken from it but not read. */
  release(): Uint8Array;
  /** Safe to call twice, and after the end. Never rejects. */
  cancel(): Promise<void>;
}

/** The platform's own bodies are byte streams and are read in buffers. Streams made by scripts may arrive in chunks. */
export function createByteReader(stream: ReadableStream<Uint8Array>): ByteReader {
  const byob = toByobReader(stream);
  const plain = byob ? null : stream.getReader();
  let surplus: Uint8Array = new Uint8Array();
  let spare = new ArrayBuffer();
  let isOver = false;

  function toView(size: number): Uint8Array<ArrayBuffer> {
    const isFit = spare.byteLength >= size && spare.byteLength < 4 * size;
    const buffer = isFit ? spare : new ArrayBuffer(size);
    spare = new ArrayBuffer();
    return new Uint8Array(buffer, 0, size);
  }

  async function next(size: number, atLeast: number): Promise<Uint8Array | null> {
    while (!isOver) {
      const result = byob ? byob.read(toView(size), { min: atLeast }) : plain?.read();
      const { done, value } = (await result) ?? { done: true };
      if (value?.length) return value;
      isOver = done;
    }
    return null;
  }

  return {
    async read(size, atLeast) {
      const bytes = surplus.length > 0 ? surplus : await next(size, atLeast);
      surplus = bytes?.subarray(size) ?? surplus;
      return bytes?.subarray(0, size) ?? null;
    },
    recycle(chunk) {
      if (byob && chunk.buffer instanceof ArrayBuffer) spare = chunk.buffer;
    },
    release() {
      (byob ?? plain)?.releaseLock();
      return surplus;
    },
    async cancel() {
      if (isOver) return;
      isOver = true;
      const locked = stream.locked ? (byob ?? plain) : stream;
      await locked?.cancel().catch(() => {});
    },
  };
}

function toByobReader(stream: ReadableStream): ReadableStreamBYOBReader | null {
  try {
    return stream.getReader({ mode: 'byob' });
  } catch {
    return null;
  }
}
