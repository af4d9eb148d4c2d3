/** The transport to the legacy service over the platform's `fetch`. For relayed bodies, scripts read only the head. */

import { LegacyError } from '../legacy/failure.ts';
import {
  contentLength,
  type LegacyBody,
  type LegacyTransport,
  ProtocolError,
  type RelayOptions,
  ShortBodyError,
} from '../legacy/transport.ts';
import { createByteReader } from '../primitives/byte-reader.ts';
import { createPassThrough } from './streams.ts';

// Buffer sizes in bytes, found by measuring: one turn of the script costs about the same for any size.
const readSize = 64 * 1024;
const bulkSize = 512 * 1024;
const maxCopySize = 2 * 1024 * 1024;

/** Of one read and write, in milliseconds. */
const turnTime = 10;

export function createWorkersTransport(
  fetch: (url: string, init: RequestInit) => Promise<Response>,
): LegacyTransport {
  return async ({ url, method, headers, body, signal }) => {
    const response = await fetch(url, {
      method,
      headers,
      signal,
      redirect: 'manual',
      ...(body !== undefined && { body }),
    });
    return { status: response.status, headers: response.headers, body: createBody(response, signal) };
  };
}

/** The platform decodes gzip and br. */
const decoders: Readonly<Record<string, 'gzip' | 'deflate' | undefined>> = {
  'x-gzip': 'gzip',
  deflate: 'deflate',
};

function toDecoded({ body, headers }: Response): ReadableStream<Uint8Array> {
  const format = decoders[headers.get('content-encoding')?.toLowerCase() ?? ''];
  const stream = body ?? new Blob([]).stream();
  return format ? stream.pipeThrough(new DecompressionStream(format)) : stream;
}

/** The platform reports no other HTTP error: a response that it cannot parse looks like a broken connection. */
function toTransportError(cause: unknown): unknown {
  const isCoding = cause instanceof TypeError && /compress/i.test(cause.message);
  return isCoding ? new ProtocolError({ cause }) : cause;
}

function createBody(response: Response, signal: AbortSignal): LegacyBody {
  const reader = createByteReader(toDecoded(response));
  const readBytes = (size: number, atLeast: number) =>
    reader.read(size, atLeast).catch((cause) => {
      throw toTransportError(cause);
    });
  async function skip(bytes: number, onSkipped?: (bytes: number) => void): Promise<void> {
    for (let left = bytes; left > 0; ) {
      const size = Math.min(left, bulkSize);
      const chunk = await readBytes(size, size);
      if (chunk === null) throw new ShortBodyError();
      onSkipped?.(chunk.length);
      left -= chunk.length;
      reader.recycle(chunk);
    }
  }

  /** Writes the requested bytes and closes both ends; a failure at either end, or the signal, ends both. */
  async function pump(writable: WritableStream<Uint8Array>, options: RelayOptions): Promise<void> {
    const writer = writable.getWriter();
    const stop = async (cause: unknown) => {
      options.clock?.clear(cause);
      await Promise.allSettled([writer.abort(cause), reader.cancel()]);
    };
    signal.addEventListener('abort', () => stop(signal.reason), { once: true });
    try {
      signal.throwIfAborted();
      await copy(writer, options);
      options.clock?.clear();
    } catch (cause) {
      await stop(cause);
    }
  }

  /**
   * One buffer at a time, whose memory is reused. The platform's own pipe takes a fifth less time, but does not tell
   * whether the legacy service has stopped sending or the client does not read.
   */
  async function copy(
    writer: WritableStreamDefaultWriter,
    { head, length, clock, ending }: RelayOptions,
  ): Promise<void> {
    const write = (bytes: Uint8Array) => writer.write(bytes).catch(abandon);
    await write(head.subarray(0, length ?? head.length));
    let left = length === null ? Number.POSITIVE_INFINITY : Math.max(0, length - head.length);
    let size = readSize;
    let atLeast = 1;
    while (left > 0) {
      const asked = performance.now();
      clock?.wait();
      const chunk = await readBytes(Math.min(left, size), Math.min(left, atLeast));
      clock?.received(chunk?.length ?? 0);
      if (chunk === null) break;
      ending?.pass(chunk);
      await write(chunk);
      left -= chunk.length;
      reader.recycle(chunk);
      // If both ends are fast, the script should run rarely. Slow bytes are passed on at once, and little is buffered
      // for a slow client.
      const isFast = performance.now() - asked < turnTime;
      size = isFast ? Math.min(size * 2, maxCopySize) : readSize;
      // No more than that, or a slow legacy service would look like a stalled one.
      atLeast = isFast ? readSize : 1;
    }
    await reader.cancel();
    // Interrupts the response if fewer bytes were written than the stream was created for.
    if (left > 0 && (length !== null || ending?.isCut())) throw new ShortBodyError();
    await writer.close().catch(abandon);
  }

  /** Bytes still to come, as far as the legacy service has said. */
  let expected = contentLength(response) ?? Number.POSITIVE_INFINITY;
  async function read(): Promise<Uint8Array | null> {
    // The body ends here by HTTP's rules, and its connection is free for the next call.
    if (expected === 0) {
      await reader.cancel();
      return null;
    }
    const chunk = await readBytes(Math.min(readSize, expected), 1);
    expected -= chunk?.length ?? 0;
    return chunk;
  }

  return {
    read,
    skip,
    relay(options) {
      const { length } = options;
      const passage = createPassThrough(length);
      void pump(passage.writable, options);
      return passage.readable;
    },
    cancel: reader.cancel,
  };
}

/** A failed write means that the client has cancelled. */
function abandon(cause: unknown): never {
  throw new LegacyError({ kind: 'abandoned' }, { cause });
}
