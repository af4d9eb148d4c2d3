/** The legacy service over the platform's `fetch`; of an audio body, scripts touch only the head. */
import { createByteReader } from './byte-reader.ts';
import { type LegacyBody, type LegacyTransport, type RelayOptions, ShortBodyError } from './transport.ts';

interface NativePassage {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}
declare const FixedLengthStream: new (length: number) => NativePassage;
declare const IdentityTransformStream: new () => NativePassage;

// Sizes of buffers in bytes, found by measuring: a turn of the script costs about the same however much it moves.
const readSize = 64 * 1024;
const bulkSize = 512 * 1024;

export function createWorkersTransport(fetch: (request: Request) => Promise<Response>): LegacyTransport {
  return async ({ url, method, headers, body, signal }) => {
    const init = {
      method,
      headers,
      signal,
      redirect: 'manual',
      ...(body !== undefined && { body }),
    } as const;
    const response = await fetch(new Request(url, init));
    return { status: response.status, headers: response.headers, body: createBody(response, signal) };
  };
}

function createBody(response: Response, signal: AbortSignal): LegacyBody {
  const stream = response.body ?? new Blob([]).stream();
  const reader = createByteReader(stream);
  /** What the legacy still owes, in bytes; NaN where it did not say. */
  let owed = Number(response.headers.get('content-length') ?? Number.NaN);

  async function read(size: number, atLeast: number): Promise<Uint8Array | null> {
    const chunk = await reader.read(size, atLeast);
    owed -= chunk?.length ?? 0;
    return chunk;
  }

  async function skip(bytes: number): Promise<void> {
    for (let left = bytes; left > 0; ) {
      const size = Math.min(left, bulkSize);
      const chunk = await read(size, size);
      if (chunk === null) throw new ShortBodyError();
      left -= chunk.length;
      reader.recycle(chunk);
    }
  }

  /** Writes what was asked for, and closes both ends; whatever happens at either end, or to the signal, ends it all. */
  async function pump(writable: WritableStream<Uint8Array>, { head, length }: RelayOptions): Promise<void> {
    const writer = writable.getWriter();
    const stop = async (cause: unknown) => {
      await Promise.allSettled([writer.abort(cause), reader.cancel()]);
    };
    signal.addEventListener('abort', () => stop(signal.reason), { once: true });
    try {
      signal.throwIfAborted();
      if (length !== null && length - head.length !== owed) return await copy(writer, head, length);
      for (const bytes of [head, reader.release()]) if (bytes.length > 0) await writer.write(bytes);
      writer.releaseLock();
      await stream.pipeTo(writable, { signal });
    } catch (cause) {
      await stop(cause);
    }
  }

  /** A range that ends before the body does. A pipe cannot be told to stop there: it would lose its last chunk. */
  async function copy(writer: WritableStreamDefaultWriter, head: Uint8Array, length: number): Promise<void> {
    await writer.write(head.subarray(0, length));
    let left = Math.max(0, length - head.length);
    while (left > 0) {
      const chunk = await read(Math.min(left, bulkSize), 1);
      if (chunk === null) break;
      await writer.write(chunk);
      left -= chunk.length;
      reader.recycle(chunk);
    }
    await reader.cancel();
    // Rejects, and breaks the answer off, where fewer bytes were written than the stream was made for.
    await writer.close();
  }

  return {
    read: () => read(readSize, 1),
    skip,
    relay(options) {
      const { length } = options;
      const passage = length === null ? new IdentityTransformStream() : new FixedLengthStream(length);
      void pump(passage.writable, options);
      return passage.readable;
    },
    cancel: reader.cancel,
  };
}
