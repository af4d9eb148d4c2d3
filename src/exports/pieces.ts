/** Reads audio in pieces of memory that is used again, so that recordings of any length and number take the same memory. */
import type { ByteReader } from '../primitives/byte-reader.ts';

/** Large enough to run the script rarely, and for a socket to take it without a copy. */
const pieceSizeBytes = 512 * 1024;

/**
 * Memory for the next recordings. Chunks of Node's streams are copied out at once, so that they are collected young:
 * if they wait for the bucket, Node keeps 60 MB of them.
 */
const spare: Uint8Array[] = [];
/** As many as an export has lanes. */
const maxSpare = 8;

/** The memory of a piece is used again for the next one, and after the last one for other recordings. */
export async function* toPieces(reader: ByteReader): AsyncGenerator<Uint8Array> {
  const piece = spare.pop() ?? new Uint8Array(pieceSizeBytes);
  let filledBytes = 0;
  const next = () => reader.read(pieceSizeBytes - filledBytes, pieceSizeBytes - filledBytes);
  try {
    for (let read = await next(); read; read = await next()) {
      if (read.length === pieceSizeBytes) yield read;
      else {
        piece.set(read, filledBytes);
        filledBytes += read.length;
      }
      reader.recycle(read);
      if (filledBytes === pieceSizeBytes) {
        yield piece;
        filledBytes = 0;
      }
    }
    if (filledBytes > 0) yield piece.subarray(0, filledBytes);
  } finally {
    if (spare.length < maxSpare) spare.push(piece);
  }
}
