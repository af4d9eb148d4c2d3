/** Reads an upload's bytes in pieces of a chosen size and counts what it has read. */

import { createByteReader } from '../primitives/byte-reader.ts';
import { concatBytes } from '../primitives/bytes.ts';
import { StagingError } from './failure.ts';

/** An upload's bytes on their way in. */
export interface Incoming {
  readonly reader: BodyReader;
  /** As the sender declared it, in bytes; null where it did not. */
  readonly length: number | null;
}

export interface BodyReader {
  /** Exactly `size` bytes, or what is left. Throws StagingError when the body breaks, or passes the limit. */
  read(size: number): Promise<Uint8Array>;
  /** Bytes read so far. */
  readonly count: number;
  /** Gives the memory of a piece back, for the next one to fill: else a heap of them waits to be collected. */
  recycle(piece: Uint8Array): void;
  /** Lets the sender stop. Never rejects. */
  cancel(): Promise<void>;
}

/** `limit` is the largest body that is taken, in bytes. Throws StagingError where the declared length is over it. */
export function openBody({ headers, body }: Request, limit: number): Incoming {
  const declared = headers.get('Content-Length') ?? '';
  const length = /^\d+$/.test(declared) ? Number(declared) : null;
  if (length !== null && length > limit) throw new StagingError({ kind: 'too-large', limit });
  return { reader: createBodyReader(body ?? new Blob([]).stream(), limit), length };
}

/** `limit` in bytes. */
export function createBodyReader(body: ReadableStream<Uint8Array>, limit: number): BodyReader {
  const reader = createByteReader(body);
  let count = 0;

  async function next(size: number): Promise<Uint8Array | null> {
    try {
      return await reader.read(size, size);
    } catch (cause) {
      throw new StagingError({ kind: 'incomplete' }, { cause });
    }
  }

  return {
    async read(size) {
      const pieces: Uint8Array[] = [];
      for (let left = Math.min(size, limit + 1 - count); left > 0; ) {
        const piece = await next(left);
        if (piece === null) break;
        pieces.push(piece);
        left -= piece.length;
        count += piece.length;
      }
      if (count > limit) throw new StagingError({ kind: 'too-large', limit });
      return concatBytes(pieces);
    },
    get count() {
      return count;
    },
    recycle: reader.recycle,
    cancel: reader.cancel,
  };
}

/** Reads the first bytes ahead, `size` of them or all; the reader that comes back starts with them again. */
export async function readAhead(
  reader: BodyReader,
  size: number,
): Promise<{ readonly head: Uint8Array; readonly reader: BodyReader }> {
  const head = await reader.read(size);
  let left = head;
  return {
    head,
    reader: {
      async read(wanted) {
        const piece = left.subarray(0, wanted);
        left = left.subarray(piece.length);
        if (piece.length === wanted) return piece;
        const next = await reader.read(wanted - piece.length);
        return piece.length === 0 ? next : concatBytes([piece, next]);
      },
      get count() {
        return reader.count - left.length;
      },
      recycle(piece) {
        // The head's memory is still being read from.
        if (piece.buffer !== head.buffer) reader.recycle(piece);
      },
      cancel: reader.cancel,
    },
  };
}
