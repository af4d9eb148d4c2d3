/** The streams that each runtime builds natively, as ports; the adapters are src/node/streams.ts and src/workers/streams.ts. */

export interface PassThrough {
  readonly readable: ReadableStream<Uint8Array>;
  /** A write resolves when the reading side takes more. */
  readonly writable: WritableStream<Uint8Array>;
  /** Whether the reading side holds on to the memory of chunks, so that it must not be reused. */
  readonly keepsMemory: boolean;
}

/** With a length, the readable side carries exactly that many bytes or errors. */
export type CreatePassThrough = (lengthBytes: number | null) => PassThrough;

/** A running SHA-256. */
interface Digest {
  /** The caller may reuse the memory once this resolves. */
  update(bytes: Uint8Array): Promise<void>;
  /** The digest in hexadecimal digits; the last call. */
  end(): Promise<string>;
}

export type CreateDigest = () => Digest;
