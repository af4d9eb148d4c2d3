/**
 * Node streams behind web streams: the server pipes them straight into its socket, several times as fast as web
 * streams.
 */
import { createHash, createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import { ShortBodyError } from '../legacy/transport.ts';
import type { CreateDigest, CreatePassThrough, Hmac } from '../primitives/runtime-streams.ts';

const natives = new WeakMap<ReadableStream, Readable>();

/** The Node stream behind a web stream of `toWebStream`. Use only one of the two. */
export function nativeReadable(stream: ReadableStream): Readable | undefined {
  return natives.get(stream);
}

export function toWebStream(readable: Readable): ReadableStream<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await readNext(readable);
        if (chunk === null) controller.close();
        else controller.enqueue(chunk);
      },
      cancel() {
        readable.destroy();
      },
    },
    // No read-ahead, because the server may still take the Node stream instead.
    { highWaterMark: 0 },
  );
  natives.set(stream, readable);
  return stream;
}

/** A connection may fail while its stream is not being read; the next read reports it. */
export function tolerant<Stream extends Readable>(readable: Stream): Stream {
  return readable.on('error', () => {});
}

/** The next chunk, or null at the end. Rejects with the stream's error, or with ShortBodyError if it closed early. */
export async function readNext(source: Readable): Promise<Uint8Array | null> {
  for (;;) {
    const chunk: Uint8Array | null = source.read();
    if (chunk !== null) return chunk;
    if (source.readableEnded) return null;
    if (source.destroyed) throw source.errored ?? new ShortBodyError();
    await nextEvent(source);
  }
}

function nextEvent(source: Readable): Promise<void> {
  const events = ['readable', 'end', 'close'] as const;
  return new Promise((resolve) => {
    const settle = () => {
      for (const event of events) source.off(event, settle);
      resolve();
    };
    for (const event of events) source.on(event, settle);
  });
}

/** Queues chunks by reference. */
export const createPassThrough: CreatePassThrough = (lengthBytes) => {
  let left = lengthBytes ?? Number.POSITIVE_INFINITY;
  let resume = () => {};
  const readable = tolerant(
    new Readable({
      highWaterMark: 64 * 1024,
      read: () => resume(),
      destroy(error, done) {
        resume();
        done(error);
      },
    }),
  );
  const writable = new WritableStream<Uint8Array>({
    start(controller) {
      readable.once('close', () => {
        if (!readable.readableEnded) controller.error(readable.errored ?? new Error('cancelled'));
      });
    },
    async write(chunk) {
      if (chunk.length > left) throw new RangeError('more bytes than announced');
      left -= chunk.length;
      if (readable.push(chunk) || readable.destroyed) return;
      await new Promise<void>((resolve) => {
        resume = resolve;
      });
    },
    close() {
      const isShort = lengthBytes !== null && left > 0;
      if (isShort) readable.destroy(new RangeError('fewer bytes than announced'));
      else readable.push(null);
    },
    abort(cause) {
      readable.destroy(cause instanceof Error ? cause : new Error('aborted'));
    },
  });
  return { readable: toWebStream(readable), writable, keepsMemory: true };
};

export const createDigest: CreateDigest = () => {
  const hash = createHash('sha256');
  return {
    async update(bytes) {
      hash.update(bytes);
    },
    end: async () => hash.digest('hex'),
  };
};

export const hmac: Hmac = async (key, message) => createHmac('sha256', key).update(message).digest();
