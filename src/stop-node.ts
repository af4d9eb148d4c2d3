/** Ends a server without cutting anybody off. */
import type { Server, ServerResponse } from 'node:http';

/** In milliseconds. */
const grace = 1000;
const interval = 250;

/**
 * Takes no new connections, lets what is running come to its end, and closes each connection behind it. Resolves when
 * the last one is closed.
 */
export async function stopServer(server: Server): Promise<void> {
  // A client that keeps its connection would otherwise go on using it.
  server.prependListener('request', (_request, response: ServerResponse) => {
    response.setHeader('Connection', 'close');
  });
  // Who has just connected is reset where the door shuts before their request is read, and a proxy learns late of a stop.
  await new Promise((resolve) => setTimeout(resolve, grace));
  const sweep = setInterval(() => server.closeIdleConnections(), interval);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(sweep);
}
