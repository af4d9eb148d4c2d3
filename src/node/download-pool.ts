/**
 * Connections for downloads from the legacy service, which share one buffer for reads, and read little at a time for slow clients.
 *
 * The stages between two sockets hold about five chunks for a client that reads slowly. Node's own reads make each of them
 * 64 KiB, so 1,000 listeners took 390 KiB each. Its pool of buffers would keep 64 KiB for a smaller chunk, too.
 */
import type { Socket } from 'node:net';
import { buildConnector, Pool } from 'undici';
import { maxHeaderSize } from './lenient-request.ts';

export interface DownloadPoolOptions {
  readonly origin: string;
  readonly connectTimeoutMs: number;
}

/** As many bytes as Node reads at once. Fewer cost more CPU a byte: 8 KiB take twice as much. */
const largeReadBytes = 64 * 1024;
/** A listener needs four of these a second. */
const smallReadBytes = 4 * 1024;

/** The bytes that a stream between two sockets may hold before it pauses the one that it reads. */
export const streamBufferBytes = smallReadBytes;

/** So few take little memory in any case. */
const fewConnections = 16;

/** More than the system buffers of a connection hold: a client for which so much passes without a pause reads fast. */
const fastBytes = 8 * 1024 * 1024;
const pauseMs = 100;

export function createDownloadPool({ origin, connectTimeoutMs }: DownloadPoolOptions): Pool {
  const reads = createReads();
  const options = {
    timeout: connectTimeoutMs,
    // These two reach the socket: it stops reading while it holds one chunk.
    highWaterMark: streamBufferBytes,
    onread: { buffer: reads.toBuffer, callback: reads.push },
  };
  // Its own times are switched off: the deadlines of each call are finer.
  const pool = new Pool(origin, {
    connect: buildConnector(options),
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize,
  });
  pool.on('connect', () => reads.addConnection(1));
  pool.on('disconnect', () => reads.addConnection(-1));
  return pool;
}

interface Pace {
  /** Since the last pause. */
  passedBytes: number;
  readAt: number;
}

/** Node asks for the buffer of a socket's next read right after it has handed over the last one. */
function createReads() {
  // Filled and copied within one turn, so that one is enough for all.
  const shared = new Uint8Array(largeReadBytes);
  const paces = new WeakMap<Socket, Pace>();
  let connections = 0;
  let nextBytes = smallReadBytes;

  function toNextBytes(socket: Socket, sizeBytes: number): number {
    const now = performance.now();
    const pace = paces.get(socket) ?? { passedBytes: 0, readAt: now };
    paces.set(socket, pace);
    pace.passedBytes = now - pace.readAt > pauseMs ? sizeBytes : pace.passedBytes + sizeBytes;
    pace.readAt = now;
    const isFast = pace.passedBytes > fastBytes || connections <= fewConnections;
    return isFast ? largeReadBytes : smallReadBytes;
  }

  return {
    addConnection(change: 1 | -1): void {
      connections += change;
    },
    toBuffer: () => shared.subarray(0, nextBytes),
    /** Copies without a pool, of which the smallest slice would keep all. False stops the socket's reads. */
    push(this: Socket, sizeBytes: number, buffer: Uint8Array): boolean {
      nextBytes = toNextBytes(this, sizeBytes);
      const chunk = Buffer.allocUnsafeSlow(sizeBytes);
      chunk.set(buffer.subarray(0, sizeBytes));
      return this.push(chunk);
    },
  };
}
