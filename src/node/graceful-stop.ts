/** Stops a server without interrupting responses: it keeps accepting for a while, then drains in-flight responses. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import { sleep } from '../primitives/sleep.ts';

export interface StopOptions {
  /** How long the server keeps accepting, so that load balancers notice the shutdown before connections are refused. */
  readonly graceMs: number;
  /** How long in-flight responses may delay the stop after that; the remaining ones are reset. */
  readonly drainTimeoutMs: number;
}

interface Stopped {
  /** Responses that were reset because they outlasted `drainTimeoutMs`. */
  readonly cutResponses: number;
}

export interface GracefulStop {
  /** True once `stop` was called. */
  readonly isStopping: boolean;
  /** Responses whose last byte was not yet passed to the system. */
  readonly openResponses: number;
  /** Resolves when the last connection is closed. */
  stop(): Promise<Stopped>;
}

const sweepIntervalMs = 250;

/** Create it together with the server, because it must see every request. */
export function createGracefulStop(server: Server, { graceMs, drainTimeoutMs }: StopOptions): GracefulStop {
  const unsent = new Set<ServerResponse>();
  let isStopping = false;
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    unsent.add(response);
    response.once('close', () => unsent.delete(response));
    // Without it, a client would keep using its connection.
    if (isStopping) response.setHeader('Connection', 'close');
  });

  /** Node treats an ended response as sent and its connection as idle, which would lose the last bytes. */
  function sweep(): void {
    const isSending = [...unsent].some(({ writableEnded }) => writableEnded);
    if (!isSending) server.closeIdleConnections();
  }

  return {
    get isStopping() {
      return isStopping;
    },
    get openResponses() {
      return unsent.size;
    },
    async stop() {
      isStopping = true;
      // Closing at once resets connections whose request is unread, and load balancers notice a shutdown late.
      await sleep(graceMs);
      const sweeping = setInterval(sweep, sweepIntervalMs);
      let cutResponses = 0;
      const cutting = setTimeout(() => {
        cutResponses = unsent.size;
        // A reset, since HTTP/1.0 clients take an orderly close for the end of the response.
        for (const { socket } of unsent) socket?.resetAndDestroy();
        server.closeAllConnections();
      }, drainTimeoutMs);
      // http.Server's own close starts with closeIdleConnections, which loses the last bytes (see sweep).
      await new Promise((resolve) => NetServer.prototype.close.call(server, resolve));
      clearInterval(sweeping);
      clearTimeout(cutting);
      return { cutResponses };
    },
  };
}
