/** A source of audio: its description, and access to its bytes. */
import type { Validators } from '../http/conditional.ts';
import type { ByteRange, Extent } from '../http/range.ts';

/** The owner opens it once or closes it. */
export interface AudioSource {
  readonly extent: Extent;
  readonly validators: Validators;
  /** The bytes of the range, or all of them. The source is closed if this rejects. */
  open(range: ByteRange | null): Promise<ReadableStream<Uint8Array>>;
  /** Releases the resources behind the source. Never rejects. */
  close(): Promise<void>;
}
