/** The port to stored objects; its adapters are R2 (workers/), S3 and a folder (node/). */
import type { ByteRange, RangeSpec } from '../http/range.ts';

/** Every method rejects if the store fails. */
export interface ObjectStore {
  head(key: string): Promise<StoredObject | null>;
  /** Null if there is no such object, or another version than `ifMatch`. The caller reads or cancels the body. */
  get(key: string, options?: GetOptions): Promise<StoredBody | null>;
  /** For small values. Null if the condition failed. */
  put(key: string, body: Uint8Array | string, options?: PutOptions): Promise<StoredObject | null>;
  /** For streams of any length. The object appears complete, between its last byte and the end of `close`. */
  write(key: string, options: WriteOptions): StoreWriter;
  /** Lists the keys under a prefix, page by page. */
  list(prefix: string, cursor?: string): Promise<KeyPage>;
  delete(keys: readonly string[]): Promise<void>;
  /** Whether `put` honours `onlyIf`: some S3 servers accept a condition and still overwrite. */
  honoursConditions(): Promise<boolean>;
}

export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** Opaque, without quotation marks; different content has a different tag. */
  readonly etag: string;
  readonly uploaded: Date;
  readonly contentType: string | null;
  readonly metadata: Metadata;
}

export interface StoredBody extends StoredObject {
  /** The bytes that `body` carries; empty if the requested range lies past the end. */
  readonly range: ByteRange;
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * Names in lower case without underscores, which proxies drop; values in ASCII, together under 2 KB: the limits of
 * S3.
 */
export type Metadata = Readonly<Record<string, string>>;

export interface GetOptions {
  readonly range?: RangeSpec;
  readonly ifMatch?: string;
}

export interface ObjectAttributes {
  readonly contentType?: string;
  readonly metadata?: Metadata;
}

export interface PutOptions extends ObjectAttributes {
  readonly onlyIf?: 'absent' | { readonly etag: string };
}

export interface WriteOptions extends ObjectAttributes {
  /** Null for a stream of unknown length. */
  readonly lengthBytes: number | null;
}

export interface StoreWriter {
  /** The caller may reuse the chunk's memory once this resolves. */
  write(chunk: Uint8Array): Promise<void>;
  close(): Promise<void>;
  /** Leaves no object behind. Never rejects. */
  abort(): Promise<void>;
}

export interface KeyPage {
  readonly keys: readonly string[];
  /** Null on the last page. */
  readonly cursor: string | null;
}

/** Resolves the part that a `get` returns: the whole object without a range, and nothing past its end. */
export function toPart(range: RangeSpec | undefined, sizeBytes: number): ByteRange {
  const whole = { start: 0, end: sizeBytes };
  if (!range || sizeBytes === 0) return whole;
  if ('suffix' in range) return { start: Math.max(0, sizeBytes - range.suffix), end: sizeBytes };
  const start = Math.min(range.first, sizeBytes);
  return { start, end: Math.min(range.last + 1, sizeBytes) };
}
