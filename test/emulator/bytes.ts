/** Streams of bytes: every chunk owns its buffer, because a byte stream detaches the buffer of each chunk. */

export type Bytes = Uint8Array<ArrayBuffer>;
export type Chunks = Iterable<Bytes> | AsyncIterable<Bytes>;

const encoder = new TextEncoder();

export function encode(text: string): Bytes {
  return encoder.encode(text);
}

export async function collect(chunks: Chunks): Promise<Bytes> {
  const parts: Bytes[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return concat(parts);
}

export function concat(parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** The first `length` bytes of a stream. */
export async function* take(chunks: Chunks, length: number): AsyncGenerator<Bytes, void> {
  if (length <= 0) return;
  for await (const chunk of chunks) {
    if (chunk.length >= length) {
      yield chunk.slice(0, length);
      return;
    }
    length -= chunk.length;
    yield chunk;
  }
}
