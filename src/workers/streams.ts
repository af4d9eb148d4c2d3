/** The platform's native streams: bytes that pass through them cost a fraction of those in script streams. */

import { toHex } from '../primitives/hex.ts';
import type { CreateDigest, CreatePassThrough, Hmac } from '../primitives/runtime-streams.ts';

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

/** By their bytes, which callers keep. */
const imported = new WeakMap<Uint8Array, CryptoKey>();

export const hmac: Hmac = async (key, message) => {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const known = imported.get(key) ?? (await crypto.subtle.importKey('raw', key, algorithm, false, ['sign']));
  imported.set(key, known);
  return new Uint8Array(await crypto.subtle.sign(algorithm.name, known, message));
};
