/** The Node entry: one process behind `HOST` and `PORT`, which stops gracefully. */
import { Pool } from 'undici';
import { createApp } from './app.ts';
import { createClientAddress } from './client-address-node.ts';
import { readConfig, readListenConfig } from './config.ts';
import { createNodeTransport } from './legacy/transport-node.ts';
import { createMetrics } from './metrics-node.ts';
import { createNodeServer } from './server-node.ts';
import { createServices } from './services.ts';
import { createNodeAssets } from './ui-node.ts';
import { stopServer } from './stop-node.ts';

const config = readConfig(process.env);
const { host, port, metricsPort, addressHeader } = readListenConfig(process.env);

const metrics = metricsPort === null ? null : createMetrics();
// Its own times are switched off: the deadlines of each call are finer.
const pool = new Pool(config.legacy.url.origin, {
  connect: { timeout: config.legacy.deadlines.connect },
  headersTimeout: 0,
  bodyTimeout: 0,
});

const services = createServices(config, {
  transport: createNodeTransport(pool),
  bucket: null,
  waitUntil: () => {},
  clientAddress: createClientAddress(addressHeader),
  rateLimits: { callers: null, refusedKeys: null },
  fetch,
  assets: createNodeAssets(new URL('../dist/ui', import.meta.url).pathname),
  log: (event) => {
    console.log(JSON.stringify(event));
    metrics?.observe(event);
  },
});
metrics?.watch(services.resilience);
const server = createNodeServer({ fetch: createApp(services).fetch });

server.listen(port, host, () => {
  const address = server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  console.log(`recordings gateway on http://${host.includes(':') ? `[${host}]` : host}:${actual}`);
});

metrics?.server.listen(metricsPort, host);

/** Lets what is running come to its end; asked twice, it stops at once. */
async function stop() {
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1));
  await stopServer(server);
  process.exit(0);
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
