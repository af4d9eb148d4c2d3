/** Stops a server without cutting a response off: it keeps accepting for a while, then drains what is in flight. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import { sleep } from '../primitives/sleep.ts';

export interface StopOptions {
  /** How long the server keeps accepting, so that a load balancer that asks for readiness looks elsewhere first. */
  readonly graceMs: number;
  /** The longest that in-flight responses may delay the stop after that; what is left is reset. */
  readonly drainTimeoutMs: number;
}

interface Stopped {
  /** Responses that were cut off, because they outlasted `drainTimeoutMs`. */
  readonly cutResponses: number;
}

export interface GracefulStop {
  /** True from the call of `stop`. */
  readonly isStopping: boolean;
  /** Responses whose last byte has not been handed to the system. */
  readonly openResponses: number;
  /** Resolves when the last connection is closed. */
  stop(): Promise<Stopped>;
}

const sweepIntervalMs = 250;

/** Create it together with the server: it has to see every request. */
export function createGracefulStop(server: Server, { graceMs, drainTimeoutMs }: StopOptions): GracefulStop {
  const unsent = new Set<ServerResponse>();
  let isStopping = false;
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    unsent.add(response);
    response.once('close', () => unsent.delete(response));
    // A client that keeps its connection would otherwise go on using it.
    if (isStopping) response.setHeader('Connection', 'close');
  });

  /** Node takes a response that has ended for one that is sent, and its connection for idle: the last bytes would be lost. */
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
        // A reset, since over HTTP/1.0 an orderly close would pass for the end of the response.
        for (const { socket } of unsent) socket?.resetAndDestroy();
        server.closeAllConnections();
      }, drainTimeoutMs);
      // http.Server's own close begins with closeIdleConnections, which loses the last bytes (see sweep).
      await new Promise((resolve) => NetServer.prototype.close.call(server, resolve));
      clearInterval(sweeping);
      clearTimeout(cutting);
      return { cutResponses };
    },
  };
}
