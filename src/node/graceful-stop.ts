/** Ends a server without cutting anybody off. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';

/** In milliseconds. */
const grace = 1000;
const interval = 250;

/**
 * To be made with the server; what it returns takes no new connections, lets what is running come to its end, and closes
 * each connection behind it. Resolves when the last one is closed.
 */
export function createStop(server: Server): () => Promise<void> {
  /** Answers whose last byte has not been handed to the system. */
  const unsent = new Set<ServerResponse>();
  let isStopping = false;
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    unsent.add(response);
    response.once('close', () => unsent.delete(response));
    // A client that keeps its connection would otherwise go on using it.
    if (isStopping) response.setHeader('Connection', 'close');
  });

  /** Node takes an answer that has ended for one that is sent, and its connection for idle: the last bytes would be lost. */
  function sweep(): void {
    const isSending = [...unsent].some(({ writableEnded }) => writableEnded);
    if (!isSending) server.closeIdleConnections();
  }

  return async () => {
    isStopping = true;
    // Who has just connected is reset where the door shuts before their request is read, and a proxy learns late of a stop.
    await new Promise((resolve) => setTimeout(resolve, grace));
    const sweeping = setInterval(sweep, interval);
    // Not its own, which begins with a sweep of that kind.
    await new Promise((resolve) => NetServer.prototype.close.call(server, resolve));
    clearInterval(sweeping);
  };
}
