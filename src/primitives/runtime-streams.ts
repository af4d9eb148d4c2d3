/**
 * Ports of the streams and digests that each runtime implements natively; the adapters are src/node/streams.ts and
 * src/workers/streams.ts.
 */

export interface PassThrough {
  readonly readable: ReadableStream<Uint8Array>;
  /** A write resolves when the readable side wants more. */
  readonly writable: WritableStream<Uint8Array>;
  /** Whether the readable side keeps the memory of chunks, which then must not be reused. */
  readonly keepsMemory: boolean;
}

/** With a length, the readable side carries exactly that many bytes or fails. */
export type CreatePassThrough = (lengthBytes: number | null) => PassThrough;

/** A running SHA-256. */
interface Digest {
  /** The caller may reuse the memory once this resolves. */
  update(bytes: Uint8Array): Promise<void>;
  /** The digest in hexadecimal digits. Call it last. */
  end(): Promise<string>;
}

export type CreateDigest = () => Digest;

/** HMAC with SHA-256 of a short message. Web Crypto on Node hands each to another thread, which takes ten times as long. */
export type Hmac = (key: Uint8Array, message: Uint8Array) => Promise<Uint8Array>;
