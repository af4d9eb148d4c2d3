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
import { readNext, tolerant, toWebStream } from './streams.ts';

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

/** Of TLS: without a certificate that is believed, nothing of the call is sent. */
const tlsErrors = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

function nameUnsent(cause: unknown): never {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (!connectErrors.has(code) && !tlsErrors.test(code)) throw cause;
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
    async skip(bytes, onSkipped) {
      for (let left = bytes; left > 0; ) {
        const chunk = await readNext(source);
        if (chunk === null) throw new ShortBodyError();
        if (chunk.length > left) source.unshift(chunk.subarray(left));
        onSkipped?.(Math.min(chunk.length, left));
        left -= chunk.length;
      }
    },
    relay(options) {
      return toWebStream(createPassage(source, options));
    },
    async cancel() {
      source.destroy();
    },
  };
}

/** The head and the rest as one stream of exactly `length` bytes, its chunks passed on as they are. */
function createPassage(source: Readable, options: RelayOptions): Readable {
  const { head, length, clock, ending, signal } = options;
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
  const stop = () => {
    // First, since what destroys the passage counts as the client.
    clock?.clear(signal?.reason);
    passage.destroy(signal?.reason);
  };
  signal?.addEventListener('abort', stop, { once: true });
  passage.once('close', () => signal?.removeEventListener('abort', stop));
  return tolerant(passage);
}
