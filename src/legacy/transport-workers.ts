/** The legacy service over the platform's `fetch`; of an audio body, scripts touch only the head. */
import { type LegacyBody, type LegacyTransport, type RelayOptions, ShortBodyError } from './transport.ts';

interface NativePassage {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}
declare const FixedLengthStream: new (length: number) => NativePassage;
declare const IdentityTransformStream: new () => NativePassage;

/** Big enough that a list costs few turns of the script; what has arrived comes at once, the buffer need not fill. */
const readSize = 64 * 1024;

/** For bytes that nobody looks at: a turn costs the same however much it moves. */
const bulkSize = 1024 * 1024;

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
  const declared = Number(response.headers.get('content-length') ?? Number.NaN);
  const reader = createReader(stream);
  let consumed = 0;

  async function read(size: number, atLeast: number): Promise<Uint8Array | null> {
    const chunk = await reader.read(size, atLeast);
    consumed += chunk?.length ?? 0;
    return chunk;
  }

  async function skip(bytes: number): Promise<void> {
    for (let left = bytes; left > 0; ) {
      const size = Math.min(left, bulkSize);
      const chunk = await read(size, size);
      if (chunk === null) throw new ShortBodyError();
      left -= chunk.length;
    }
  }

  async function pump(passage: NativePassage, { head, length }: RelayOptions): Promise<void> {
    const writer = passage.writable.getWriter();
    const fits = length === null || length - head.length === declared - consumed;
    if (fits) {
      if (head.length > 0) await writer.write(head);
      writer.releaseLock();
      reader.release();
      return stream.pipeTo(passage.writable, { signal });
    }
    let left = length;
    for (let chunk: Uint8Array | null = head; chunk !== null; ) {
      const taken = chunk.subarray(0, left);
      left -= taken.length;
      if (taken.length > 0) await writer.write(taken);
      if (left === 0) break;
      const size = Math.min(left, bulkSize);
      chunk = await read(size, size);
    }
    await writer.close();
  }

  return {
    read: () => read(readSize, 1),
    skip,
    relay(options) {
      const { length } = options;
      const passage = length === null ? new IdentityTransformStream() : new FixedLengthStream(length);
      pump(passage, options).catch(async (cause) => {
        await passage.writable.abort(cause).catch(() => {});
        await reader.cancel();
      });
      return passage.readable;
    },
    cancel: reader.cancel,
  };
}

interface Reader {
  read(size: number, atLeast: number): Promise<Uint8Array | null>;
  release(): void;
  cancel(): Promise<void>;
}

/** Reads into buffers of a chosen size where the stream is one of bytes, and takes the chunks as they come elsewhere. */
function createReader(stream: ReadableStream<Uint8Array>): Reader {
  const byob = toByobReader(stream);
  const reader = byob ?? stream.getReader();
  return {
    async read(size, atLeast) {
      for (;;) {
        const { done, value } = byob
          ? await byob.read(new Uint8Array(size), { min: atLeast })
          : await (reader as ReadableStreamDefaultReader<Uint8Array>).read();
        if (value?.length) return value;
        if (done) return null;
      }
    },
    release: () => reader.releaseLock(),
    cancel: () => reader.cancel().catch(() => {}),
  };
}

function toByobReader(stream: ReadableStream): ReadableStreamBYOBReader | null {
  try {
    return stream.getReader({ mode: 'byob' });
  } catch {
    return null;
  }
}
