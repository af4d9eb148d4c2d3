/** Rejects request bodies that arrive too slowly: an upload takes as long as its length needs, at a minimum pace. */
import type { IncomingMessage, Server } from 'node:http';

export interface BodyPace {
  /** For a whole request, before its length counts. */
  readonly requestMs: number;
  /** Each byte that has arrived extends the time. */
  readonly minBytesPerMs: number;
}

/** Node's own `requestTimeout` is one time for all lengths: 30 s would reject every upload of a slow client. */
export function addBodyPace(server: Server, { requestMs, minBytesPerMs }: BodyPace): void {
  server.on('request', (request: IncomingMessage) => {
    const { socket, headers } = request;
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    if (!hasBody || request.complete) return;
    const startedAt = performance.now();
    // Bytes in the same read as the headers do not count: they are few.
    const startBytes = socket.bytesRead;

    function toRemainingMs(): number {
      const allowedMs = requestMs + (socket.bytesRead - startBytes) / minBytesPerMs;
      return allowedMs - (performance.now() - startedAt);
    }

    function check(): void {
      if (request.complete || socket.destroyed) return;
      const remainingMs = toRemainingMs();
      if (remainingMs > 0) timer = setTimeout(check, remainingMs);
      else server.emit('clientError', toTimeout(), socket);
    }

    let timer = setTimeout(check, requestMs);
    request.once('close', () => clearTimeout(timer));
  });
}

function toTimeout(): Error {
  return Object.assign(new Error('the body arrives too slowly'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
}
