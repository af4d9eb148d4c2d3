/** Fetches an upload's path as the vendor does: from a public URL, audio only. */
import { type AudioFormat, sniffAudio } from './audio.ts';
import { type Bytes, concat } from './bytes.ts';
import { crc32 } from './crc32.ts';

export interface StoredUpload {
  readonly path: string;
  readonly type: string;
  /** Null for types without an id. */
  readonly id: string | null;
  /** Null for a plain path, which the emulator accepts unchecked. */
  readonly content: StoredAudio | null;
}

export interface StoredAudio {
  readonly format: AudioFormat;
  readonly length: number;
  /** CRC-32 of the whole, for content that is too long to store. */
  readonly crc32: number;
  /** The bytes themselves, or null past `maxKeptBytes`. */
  readonly bytes: Bytes | null;
}

export type FetchPath = (url: string) => Promise<Response>;

/** A larger upload is counted and checksummed, but not stored. */
const maxKeptBytes = 32 * 1024 * 1024;

/** Null if the URL cannot be fetched completely, or is not audio. */
export async function fetchAudio(url: string, fetchPath: FetchPath): Promise<StoredAudio | null> {
  try {
    const response = await fetchPath(url);
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      return null;
    }
    return await storeAudio(response.body, response.headers.get('content-length'));
  } catch {
    return null;
  }
}

async function storeAudio(
  body: ReadableStream<Uint8Array>,
  declared: string | null,
): Promise<StoredAudio | null> {
  const parts: Uint8Array[] = [];
  const head = new Uint8Array(4096);
  let length = 0;
  let sum = 0;
  for await (const chunk of readChunks(body)) {
    if (length < head.length) head.set(chunk.subarray(0, head.length - length), length);
    length += chunk.length;
    sum = crc32(chunk, sum);
    if (length <= maxKeptBytes) parts.push(chunk);
    else parts.length = 0;
  }
  const format = sniffAudio(head);
  if (format === null || (declared !== null && Number(declared) !== length)) return null;
  return { format, length, crc32: sum, bytes: length <= maxKeptBytes ? concat(parts) : null };
}

async function* readChunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const reader = body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}
