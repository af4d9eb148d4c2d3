/** Where audio comes from: what is known of it, and how to get at its bytes. */
import type { Validators } from '../http/conditional.ts';
import type { ByteRange, Extent } from '../http/range.ts';

/** Whoever holds one opens it once, or closes it. */
export interface AudioSource {
  readonly extent: Extent;
  readonly validators: Validators;
  /** The bytes of the range, or all of them. Where it rejects, the source is closed. */
  open(range: ByteRange | null): Promise<ReadableStream<Uint8Array>>;
  /** Lets go of what is behind it. Never rejects. */
  close(): Promise<void>;
}
