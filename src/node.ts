/** The Node entry: one process behind `HOST` and `PORT`, which stops gracefully. */
import { Pool } from 'undici';
import { createApp } from './app.ts';
import { createClientAddress } from './client-address-node.ts';
import { readConfig, readListenConfig } from './config.ts';
import { createNodeTransport } from './legacy/transport-node.ts';
import { createNodeServer } from './server-node.ts';
import { createServices } from './services.ts';

const config = readConfig(process.env);
const { host, port, addressHeader } = readListenConfig(process.env);

const services = createServices(config, {
  transport: createNodeTransport(new Pool(config.legacy.url.origin)),
  bucket: null,
  waitUntil: () => {},
  clientAddress: createClientAddress(addressHeader),
  rateLimits: { callers: null, refusedKeys: null },
  fetch,
  log: (event) => console.log(JSON.stringify(event)),
});
const server = createNodeServer({ fetch: createApp(services).fetch });

server.listen(port, host, () => {
  const address = server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  console.log(`recordings gateway on http://${host.includes(':') ? `[${host}]` : host}:${actual}`);
});

/** Takes no new connections and lets what is running come to its end; asked twice, it stops at once. */
function stop() {
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1));
  server.close(() => process.exit(0));
  server.closeIdleConnections();
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
