/** Who asks, on Node: the other end of the socket, or whom the operator's own proxy names. */
import type { Socket } from 'node:net';
import { lastElement, parseForwardedFor } from '../http/forwarded.ts';

const sockets = new WeakMap<Request, Pick<Socket, 'remoteAddress'>>();

export function rememberSocket(request: Request, socket: Pick<Socket, 'remoteAddress'>): void {
  sockets.set(request, socket);
}

/** `header` is one that the proxy in front sets; null where clients connect by themselves. */
export function createClientAddress(header: string | null): (request: Request) => string {
  const parse = header?.toLowerCase() === 'forwarded' ? parseForwardedFor : lastElement;
  return (request) => {
    const named = header === null ? null : parse(request.headers.get(header) ?? '');
    return named || sockets.get(request)?.remoteAddress || 'unknown';
  };
}
