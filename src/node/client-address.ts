/** The client's address on Node: the socket's peer, or the address that the operator's proxy names. */
import type { Socket } from 'node:net';
import { lastElement, parseForwardedFor } from '../http/forwarded.ts';

const sockets = new WeakMap<Request, Pick<Socket, 'remoteAddress'>>();

export function rememberSocket(request: Request, socket: Pick<Socket, 'remoteAddress'>): void {
  sockets.set(request, socket);
}

/** `header` is set by the operator's proxy; null if clients connect directly. */
export function createClientAddress(header: string | null): (request: Request) => string {
  const parse = header?.toLowerCase() === 'forwarded' ? parseForwardedFor : lastElement;
  return (request) => {
    const named = header === null ? null : parse(request.headers.get(header) ?? '');
    return named || sockets.get(request)?.remoteAddress || 'unknown';
  };
}
