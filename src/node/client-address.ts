/** Who asks, on Node: the other end of the socket, or whom the operator's own proxy names. */
import type { Socket } from 'node:net';

const sockets = new WeakMap<Request, Pick<Socket, 'remoteAddress'>>();

export function rememberSocket(request: Request, socket: Pick<Socket, 'remoteAddress'>): void {
  sockets.set(request, socket);
}

/** `header` is one that the proxy in front sets; null where clients connect by themselves. */
export function createClientAddress(header: string | null): (request: Request) => string {
  return (request) => {
    // A proxy appends to what the client sent, so only the last entry is its own word.
    const named = header === null ? undefined : request.headers.get(header)?.split(',').at(-1)?.trim();
    return named || sockets.get(request)?.remoteAddress || 'unknown';
  };
}
