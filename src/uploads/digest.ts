/** The MD5 of a body as it goes by, the sum that R2 keeps of what it stores. */

import type { Incoming } from './body-reader.ts';
import { StagingError } from './failure.ts';

interface DigestStream extends WritableStream<Uint8Array> {
  readonly digest: Promise<ArrayBuffer>;
}
declare const crypto: { readonly DigestStream: new (algorithm: 'MD5') => DigestStream };

export interface Digest {
  update(bytes: Uint8Array): Promise<void>;
  /** Hexadecimal digits. */
  end(): Promise<string>;
}

export function createDigest(): Digest {
  const stream = new crypto.DigestStream('MD5');
  const writer = stream.getWriter();
  return {
    update: (bytes) => writer.write(bytes),
    async end() {
      await writer.close();
      return toHex(new Uint8Array(await stream.digest));
    },
  };
}

/** In bytes: few turns of the script, and little that is held. */
const pieceSize = 1024 * 1024;

/** Reads a body to its end and keeps nothing of it. Throws StagingError. */
export async function digestBody({
  reader,
  length,
}: Incoming): Promise<{ readonly length: number; readonly md5: string }> {
  const digest = createDigest();
  try {
    for (let piece = await reader.read(pieceSize); piece.length > 0; piece = await reader.read(pieceSize)) {
      await digest.update(piece);
      reader.recycle(piece);
    }
  } catch (cause) {
    await reader.cancel();
    throw cause;
  }
  const isWhole = length === null || length === reader.count;
  if (!isWhole) throw new StagingError({ kind: 'incomplete' });
  return { length: reader.count, md5: await digest.end() };
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
