/** The platform's native streams: bytes that pass through them cost a fraction of those in script streams. */

import { toHex } from '../primitives/hex.ts';
import type { CreateDigest, CreatePassThrough } from '../primitives/runtime-streams.ts';

export const createPassThrough: CreatePassThrough = (lengthBytes) => {
  const stream = lengthBytes === null ? new IdentityTransformStream() : new FixedLengthStream(lengthBytes);
  return { readable: stream.readable, writable: stream.writable, keepsMemory: false };
};

export const createDigest: CreateDigest = () => {
  const stream = new crypto.DigestStream('SHA-256');
  const writer = stream.getWriter();
  return {
    update: (bytes) => writer.write(bytes),
    async end() {
      await writer.close();
      return toHex(await stream.digest);
    },
  };
};
