/** Reads audio piece by piece, so that a recording of any length takes the same memory. */
import type { ByteReader } from '../primitives/byte-reader.ts';

/** Large enough to run the script rarely. */
const pieceSizeBytes = 1024 * 1024;

/** The memory of a piece is reused for the next one. */
export async function* toPieces(reader: ByteReader): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = await reader.read(pieceSizeBytes, pieceSizeBytes);
    if (!piece) return;
    yield piece;
    reader.recycle(piece);
  }
}
