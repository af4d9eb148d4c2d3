/** The legacy service over undici; its bodies stay Node streams all the way unless somebody reads them as web streams. */
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { LegacyError } from '../legacy/failure.ts';
import {
  type LegacyBody,
  type LegacyTransport,
  NotSentError,
  type RelayOptions,
  ShortBodyError,
} from '../legacy/transport.ts';

const natives = new WeakMap<ReadableStream, Readable>();

/**
 * The Node stream behind a relayed body, for a server that pipes it straight into its socket: several times as fast as
 * reading the web stream. Take one of the two, not both.
 */
export function nativeReadable(stream: ReadableStream): Readable | undefined {
  return natives.get(stream);
}

export function createNodeTransport(dispatcher: Dispatcher): LegacyTransport {
  return async (request) => {
    const url = new URL(request.url);
    const { statusCode, headers, body } = await dispatcher
      .request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
        signal: request.signal,
      })
      .catch(nameUnsent);
    return { status: statusCode, headers: { get: (name) => toValue(headers, name) }, body: createBody(body) };
  };
}

/** What happens before there is a connection: nothing of the call can have arrived. */
const connectErrors = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'],
  'UND_ERR_CONNECT_TIMEOUT',
]);

function nameUnsent(cause: unknown): never {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (!connectErrors.has(code)) throw cause;
  throw new NotSentError(code === 'UND_ERR_CONNECT_TIMEOUT', { cause });
}

function toValue(headers: Record<string, string | string[] | undefined>, name: string): string | null {
  const key = name.toLowerCase();
  const value = Object.hasOwn(headers, key) ? headers[key] : undefined;
  return Array.isArray(value) ? value.join(', ') : (value ?? null);
}

function createBody(source: Readable): LegacyBody {
  tolerant(source);
  return {
    read: () => readNext(source),
    async skip(bytes) {
      for (let left = bytes; left > 0; ) {
        const chunk = await readNext(source);
        if (chunk === null) throw new ShortBodyError();
        if (chunk.length > left) source.unshift(chunk.subarray(left));
        left -= chunk.length;
      }
    },
    relay(options) {
      const passage = createPassage(source, options);
      const stream = toWebStream(passage);
      natives.set(stream, passage);
      return stream;
    },
    async cancel() {
      source.destroy();
    },
  };
}

/** A connection may break while nobody is reading; whoever reads next is told then. */
function tolerant(readable: Readable): Readable {
  return readable.on('error', () => {});
}

async function readNext(source: Readable): Promise<Uint8Array | null> {
  for (;;) {
    const chunk: Uint8Array | null = source.read();
    if (chunk !== null) return chunk;
    if (source.readableEnded) return null;
    if (source.destroyed) throw source.errored ?? new ShortBodyError();
    await somethingHappens(source);
  }
}

function somethingHappens(source: Readable): Promise<void> {
  const events = ['readable', 'end', 'close'] as const;
  return new Promise((resolve) => {
    const settle = () => {
      for (const event of events) source.off(event, settle);
      resolve();
    };
    for (const event of events) source.on(event, settle);
  });
}

/** The head and the rest as one stream of exactly `length` bytes, its chunks passed on as they are. */
function createPassage(source: Readable, { head, length, clock }: RelayOptions): Readable {
  let left = length ?? Number.POSITIVE_INFINITY;
  let started = false;

  function pass(chunk: Uint8Array): void {
    const taken = chunk.length > left ? chunk.subarray(0, left) : chunk;
    left -= taken.length;
    clock?.wait();
    if (taken.length > 0 && !passage.push(taken) && left > 0) {
      source.pause();
      clock?.received(0);
    }
    if (left > 0) return;
    clock?.clear();
    source.off('data', receive);
    passage.push(null);
    // A body that ends here gets the moment that it needs to end by itself, so that its connection can be used again.
    source.resume();
    setImmediate(() => source.destroy());
  }

  function receive(chunk: Uint8Array): void {
    clock?.received(chunk.length);
    pass(chunk);
  }

  function end(): void {
    if (left === 0) return;
    if (source.readableEnded && length === null) {
      clock?.clear();
      passage.push(null);
      return;
    }
    const cause = source.errored ?? new ShortBodyError();
    clock?.clear(cause);
    passage.destroy(cause);
  }

  function start(): void {
    started = true;
    pass(head);
    if (left === 0) return;
    source.on('close', end);
    source.on('data', receive);
    if (source.closed) end();
  }

  const passage = new Readable({
    highWaterMark: 64 * 1024,
    read() {
      if (!started) start();
      if (left > 0) clock?.wait();
      source.resume();
    },
    destroy(error, done) {
      // Neither end has been told of before: it is the client who wants no more.
      clock?.clear(new LegacyError({ kind: 'abandoned' }, { cause: error }));
      source.destroy();
      done(error);
    },
  });
  return tolerant(passage);
}

function toWebStream(readable: Readable): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
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
    // Nothing is read ahead: the server may still take the Node stream instead.
    { highWaterMark: 0 },
  );
}
