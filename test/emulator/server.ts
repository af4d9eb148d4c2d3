/** The emulator on a real socket, where connections can break. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { ConnectionBroken } from './connection.ts';
import { type Emulator, emulatorPath } from './emulator.ts';

export interface EmulatorServer {
  /** Of the API, with its path. */
  readonly url: string;
  /** TCP connections, including idle ones. */
  openSockets(): number;
  /** Ends every connection at once. */
  close(): Promise<void>;
}

export interface ServerOptions {
  /** 0 takes a free one. */
  readonly port?: number;
  readonly host?: string;
}

/** How long sent bytes have to arrive before a reset, which would overtake them. */
const graceMs = 25;

export async function serveEmulator(
  emulator: Emulator,
  options: ServerOptions = {},
): Promise<EmulatorServer> {
  const { host = '127.0.0.1', port = 0 } = options;
  const sockets = new Set<Socket>();
  const listener = getRequestListener(
    async (request, bindings) => {
      const { incoming, outgoing } = bindings as { incoming: IncomingMessage; outgoing: ServerResponse };
      try {
        await send(await emulator.fetch(request, { raw: (bytes) => incoming.socket.write(bytes) }), outgoing);
      } catch (cause) {
        await breakOff(incoming.socket, cause);
      }
      return RESPONSE_ALREADY_SENT;
    },
    { overrideGlobalObjects: false },
  );
  const server = createServer(listener);
  // A connection closed just as it is reused would break a call, and only faults may do so.
  server.keepAliveTimeout = 120_000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}${emulatorPath}`,
    openSockets: () => sockets.size,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** No faster than the client reads, and nothing after it disconnects. */
async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  const reader = response.body?.getReader();
  if (reader === undefined) {
    outgoing.end();
    return;
  }
  const cancel = () => reader.cancel().catch(() => {});
  outgoing.once('close', cancel);
  // Headers go out with the first bytes, or earlier if those are delayed: one packet less for most responses.
  const { socket } = outgoing;
  socket?.cork();
  const waiting = setImmediate(() => {
    outgoing.flushHeaders();
    socket?.uncork();
  });
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (outgoing.destroyed) return;
      if (!outgoing.write(next.value)) await drained(outgoing);
    }
    outgoing.end();
  } finally {
    clearImmediate(waiting);
    socket?.uncork();
  }
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      outgoing.off('drain', settle).off('close', settle);
      resolve();
    };
    outgoing.on('drain', settle).on('close', settle);
  });
}

async function breakOff(socket: Socket, cause: unknown): Promise<void> {
  if (cause instanceof ConnectionBroken && cause.how === 'reset') {
    await sleep(graceMs);
    socket.resetAndDestroy();
  } else {
    if (!(cause instanceof ConnectionBroken) && !socket.destroyed) console.error(cause);
    socket.destroySoon();
  }
}
