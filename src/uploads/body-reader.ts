/** Reads an upload in pieces of a chosen size and counts its bytes. */

import { createByteReader } from '../primitives/byte-reader.ts';
import { concatBytes } from '../primitives/bytes.ts';
import { withTimeout } from '../store/timeout.ts';
import { StagingError } from './failure.ts';

/** An upload's body as it arrives. */
export interface Incoming {
  readonly reader: BodyReader;
  /** The declared length in bytes; null without one. */
  readonly length: number | null;
}

export interface BodyReader {
  /** Exactly `size` bytes, or the rest. Throws StagingError if the body fails or exceeds the limit. */
  read(size: number): Promise<Uint8Array>;
  /** Bytes read so far. */
  readonly count: number;
  /** Returns a piece's memory for the next read to fill, since unused pieces would pile up for the garbage collector. */
  recycle(piece: Uint8Array): void;
  /** Reads on for a while, then stops the sender. Never rejects. */
  cancel(): Promise<void>;
}

/**
 * A client that still sends when the connection closes may lose the response to a reset, and proxies then send one of their
 * own. What a rejected upload has left is therefore discarded first, within these bounds.
 */
const maxDiscardedBytes = 16 * 1024 * 1024;
const maxDiscardMs = 2000;
const discardedPieceBytes = 256 * 1024;

/** `limit` is the largest accepted body, in bytes. Throws StagingError if the declared length exceeds it. */
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
  /** The memory of joined pieces, which is used again once it is returned. */
  let joined = new ArrayBuffer();
  let isFree = true;

  async function next(size: number): Promise<Uint8Array | null> {
    try {
      return await reader.read(size, size);
    } catch (cause) {
      throw new StagingError({ kind: 'incomplete' }, { cause });
    }
  }

  /** Reads on until the size is reached. Chunks of a socket are small, and larger pieces take fewer writes. */
  async function join(first: Uint8Array, size: number): Promise<Uint8Array> {
    let piece = await next(size - first.length);
    if (piece === null) return first;
    const whole = toMemory(size);
    whole.set(first);
    let filledBytes = first.length;
    while (piece !== null) {
      whole.set(piece, filledBytes);
      filledBytes += piece.length;
      piece = filledBytes < size ? await next(size - filledBytes) : null;
    }
    return whole.subarray(0, filledBytes);
  }

  function toMemory(size: number): Uint8Array {
    const isReusable = isFree && joined.byteLength >= size && joined.byteLength < 4 * size;
    if (!isReusable) joined = new ArrayBuffer(size);
    isFree = false;
    return new Uint8Array(joined, 0, size);
  }

  async function discard(): Promise<void> {
    let left = maxDiscardedBytes;
    while (left > 0) {
      const piece = await reader.read(discardedPieceBytes, discardedPieceBytes);
      if (piece === null) return;
      left -= piece.length;
      reader.recycle(piece);
    }
  }

  return {
    async read(size) {
      const wanted = Math.min(size, limit + 1 - count);
      const first = wanted > 0 ? await next(wanted) : null;
      const piece = first && first.length < wanted ? await join(first, wanted) : first;
      count += piece?.length ?? 0;
      if (count > limit) throw new StagingError({ kind: 'too-large', limit });
      return piece ?? new Uint8Array();
    },
    get count() {
      return count;
    },
    recycle(piece) {
      if (piece.buffer === joined) isFree = true;
      else reader.recycle(piece);
    },
    async cancel() {
      await withTimeout(maxDiscardMs, discard()).catch(() => {});
      await reader.cancel();
    },
  };
}

/** Reads the first `size` bytes ahead, or all; the returned reader starts with them again. */
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
        // The head's memory is still in use.
        if (piece.buffer !== head.buffer) reader.recycle(piece);
      },
      cancel: reader.cancel,
    },
  };
}
