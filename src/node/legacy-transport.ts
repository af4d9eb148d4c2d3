/** The transport to the legacy service over undici. Its bodies stay Node streams unless they are read as web streams. */
import { type Duplex, pipeline, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { LegacyError } from '../legacy/failure.ts';
import {
  type LegacyBody,
  type LegacyRequest,
  type LegacyTransport,
  ProtocolError,
  type RelayOptions,
  ShortBodyError,
} from '../legacy/transport.ts';
import { streamBufferBytes } from './download-pool.ts';
import { toTransportError } from './legacy-errors.ts';
import { requestLeniently } from './lenient-request.ts';
import { readNext, tolerant, toWebStream } from './streams.ts';

/** How long the lenient parser stays in use after a response that undici cannot parse, in milliseconds. */
const lenientMs = 600_000;

/**
 * undici parses strictly. From a response that it rejects, calls go through Node's lenient parser for a while.
 * `downloads` carries the calls whose responses wait for clients.
 */
export function createNodeTransport(calls: Dispatcher, downloads = calls): LegacyTransport {
  let lenientUntil = 0;

  const classify: Classify = (cause) => {
    const error = toTransportError(cause);
    if (error instanceof ProtocolError) lenientUntil = Date.now() + lenientMs;
    return error;
  };

  return async (request) => {
    const send = Date.now() < lenientUntil ? requestLeniently : requestStrictly;
    const dispatcher = request.isDownload ? downloads : calls;
    const { statusCode, headers, body } = await send(request, dispatcher).catch((cause) => {
      throw classify(cause);
    });
    const get = (name: string) => toValue(headers, name);
    return { status: statusCode, headers: { get }, body: createBody(decode(body, get), classify) };
  };
}

function requestStrictly(request: LegacyRequest, dispatcher: Dispatcher) {
  const { url, method, headers, body, signal, isDownload } = request;
  const { origin, pathname, search } = new URL(url);
  return dispatcher.request({
    origin,
    path: `${pathname}${search}`,
    method,
    headers,
    body: body ?? null,
    signal,
    ...(isDownload && { highWaterMark: streamBufferBytes }),
  });
}

/** The gateway asks for no coding, but some servers compress every response. */
function decode(body: Readable, get: (name: string) => string | null): Readable {
  const decoder = decoders[get('content-encoding')?.toLowerCase() ?? '']?.();
  // `pipeline` destroys both; the error is reported by the reader of the decoder.
  return decoder ? pipeline(body, decoder, () => {}) : body;
}

const decoders: Readonly<Record<string, (() => Duplex) | undefined>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

function toValue(headers: Record<string, string | string[] | undefined>, name: string): string | null {
  const key = name.toLowerCase();
  const value = Object.hasOwn(headers, key) ? headers[key] : undefined;
  return Array.isArray(value) ? value.join(', ') : (value ?? null);
}

type Classify = (cause: Error) => Error;

function createBody(source: Readable, classify: Classify): LegacyBody {
  tolerant(source);
  const next = () =>
    readNext(source).catch((cause) => {
      throw classify(cause);
    });
  return {
    read: next,
    async skip(bytes, onSkipped) {
      for (let left = bytes; left > 0; ) {
        const chunk = await next();
        if (chunk === null) throw new ShortBodyError();
        if (chunk.length > left) source.unshift(chunk.subarray(left));
        onSkipped?.(Math.min(chunk.length, left));
        left -= chunk.length;
      }
    },
    relay(options) {
      return toWebStream(createPassage(source, { ...options, classify }));
    },
    async cancel() {
      source.destroy();
    },
  };
}

/** The head and the rest as one stream of exactly `length` bytes, its chunks passed on as they are. */
function createPassage(
  source: Readable,
  { head, length, clock, ending, signal, classify }: RelayOptions & { readonly classify: Classify },
): Readable {
  let left = length ?? Number.POSITIVE_INFINITY;
  let started = false;

  function pass(chunk: Uint8Array): void {
    const taken = chunk.length > left ? chunk.subarray(0, left) : chunk;
    left -= taken.length;
    clock?.wait();
    const isFull = taken.length > 0 && (!passage.push(taken) || passage.isPaused());
    if (isFull && left > 0) {
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
    ending?.pass(chunk);
    pass(chunk);
  }

  function end(): void {
    if (left === 0) return;
    if (source.readableEnded && length === null && !ending?.isCut()) {
      clock?.clear();
      passage.push(null);
      return;
    }
    const cause = classify(source.errored ?? new ShortBodyError());
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
    highWaterMark: streamBufferBytes,
    read() {
      if (!started) start();
      if (left > 0) clock?.wait();
      source.resume();
    },
    destroy(error, done) {
      // Neither end has reported a cause, so the client has cancelled.
      clock?.clear(new LegacyError({ kind: 'abandoned' }, { cause: error }));
      source.destroy();
      done(error);
    },
  });
  const stop = () => {
    // First, since what destroys the passage counts as the client.
    clock?.clear(signal?.reason);
    passage.destroy(signal?.reason);
  };
  signal?.addEventListener('abort', stop, { once: true });
  passage.once('close', () => signal?.removeEventListener('abort', stop));
  return tolerant(passage);
}
