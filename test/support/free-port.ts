/** A port for a server that has to know it before it starts, or to come back to it. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Free on the loopback address. It is below 32768, where Linux starts to number outgoing connections: a port above would be
 * lost to one of them between two starts of a server.
 */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = 12_000 + Math.floor(Math.random() * 20_000);
    if (await isFree(port)) return port;
  }
  throw new Error('there is no free port');
}

/** On the loopback address, now. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const isListening = await Promise.race([
    once(server, 'listening').then(() => true),
    once(server, 'error').then(() => false),
  ]);
  if (!isListening) return false;
  server.close();
  await once(server, 'close');
  return true;
}
