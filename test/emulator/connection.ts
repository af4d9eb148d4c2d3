/** One call's connection: sends the response and notices how its body ends. */
import type { Answer } from './answer.ts';
import type { Bytes } from './bytes.ts';
import type { CallLog, RunningCall } from './calls.ts';

/** An intended break of the connection. A `fetch` in memory rejects with it, as a real one does with a TypeError. */
export class ConnectionBroken extends TypeError {
  /** `reset` is a TCP reset; `close` an orderly close in the wrong place. */
  readonly how: 'reset' | 'close';

  constructor(how: 'reset' | 'close') {
    super(how === 'reset' ? 'The emulated connection was reset' : 'The emulated connection was closed early');
    this.name = 'ConnectionBroken';
    this.how = how;
  }
}

export interface Connection {
  /** Aborted when the client has disconnected. */
  readonly closed: AbortSignal;
  /** The response of this call; its body is a byte stream that sends no faster than it is read. */
  respond(answer: Answer): Response;
  /** The error to throw when the response could not be made. */
  fail(cause: unknown): unknown;
}

export interface ConnectionOptions {
  readonly call: RunningCall;
  readonly log: CallLog;
  /** The caller's signal. */
  readonly signal: AbortSignal;
}

const bodyless = new Set([204, 205, 304]);

export function createConnection({ call, log, signal }: ConnectionOptions): Connection {
  const closing = new AbortController();
  const end = (state: 'finished' | 'aborted' | 'broken') => {
    log.end(call, state);
    closing.abort(state);
  };
  const leave = () => end('aborted');
  closing.signal.addEventListener('abort', () => signal.removeEventListener('abort', leave), { once: true });
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });

  function createBody(answer: Answer): ReadableStream<Uint8Array> {
    const chunks = iterate(answer);
    return new ReadableStream({
      type: 'bytes',
      start(controller) {
        const breakOff = () => {
          if (signal.aborted) controller.error(signal.reason);
        };
        closing.signal.addEventListener('abort', breakOff, { once: true });
      },
      async pull(controller) {
        try {
          const next = await chunks.next();
          if (closing.signal.aborted) return;
          if (next.done) {
            end('finished');
            controller.close();
            controller.byobRequest?.respond(0);
            return;
          }
          call.bytesSent += next.value.length;
          controller.enqueue(next.value);
        } catch (cause) {
          if (closing.signal.aborted) return;
          end('broken');
          controller.error(cause);
        }
      },
      async cancel() {
        leave();
        await chunks.return?.();
      },
    });
  }

  return {
    closed: closing.signal,
    respond(answer) {
      // As a real fetch does, even if the response arrives at the same moment.
      signal.throwIfAborted();
      call.status = answer.status;
      const headers = new Headers(answer.headers);
      if (answer.declared) headers.set('content-length', String(answer.length));
      const empty = bodyless.has(answer.status) || call.method === 'HEAD';
      if (empty) end('finished');
      return new Response(empty ? null : createBody(answer), { status: answer.status, headers });
    },
    fail(cause) {
      end(signal.aborted ? 'aborted' : 'broken');
      return signal.aborted ? signal.reason : cause;
    },
  };
}

/** Drops empty chunks, which a byte stream rejects. */
async function* iterate(answer: Answer): AsyncGenerator<Bytes, void> {
  for await (const chunk of answer.chunks) if (chunk.length > 0) yield chunk;
}
