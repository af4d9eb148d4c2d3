/** The Node entry: one process behind `HOST` and `PORT`, which stops gracefully. */
import { setFlagsFromString } from 'node:v8';
import document from '../../openapi/openapi.json' with { type: 'json' };
import { createApp } from '../app.ts';
import { ConfigError } from '../config/parse.ts';
import { readStoreConfigs } from '../config/store.ts';
import { findUnknown } from '../config/unknown-names.ts';
import { readConfig, readListenConfig } from '../config.ts';
import { createServices, type Platform } from '../services.ts';
import { createActiveTraceId } from './active-trace.ts';
import { createClientAddress } from './client-address.ts';
import { readCommit } from './commit.ts';
import { createDownloadPool } from './download-pool.ts';
import { createGracefulStop, type GracefulStop } from './graceful-stop.ts';
import { createMetrics } from './metrics.ts';
import { createNodePlatform } from './platform.ts';
import { createNodeServer } from './server.ts';
import { createNodeAssets } from './static-files.ts';
import { openStore } from './stores.ts';
import { openWorkflows } from './workflows.ts';

// Passing audio makes many small objects, and V8 would let the space for new ones grow: a gigabyte took 65 to 100 MB more,
// with this it takes 15 to 30, no slower. Set here, where no way to start the process can forget it.
if (Number.parseInt(process.versions.node, 10) >= 24) {
  setFlagsFromString('--scavenger-max-new-space-capacity-mb=2');
}

/** Names the operator's mistake, without a stack. */
function giveUp(mistake: string): never {
  console.error(mistake);
  process.exit(1);
}

function read<Value>(reading: (environment: NodeJS.ProcessEnv) => Value): Value {
  try {
    return reading(process.env);
  } catch (error) {
    return giveUpOn(error);
  }
}

function giveUpOn(error: unknown): never {
  if (error instanceof ConfigError) giveUp(error.message);
  throw error;
}

const root = new URL('../..', import.meta.url).pathname;
const config = read((environment) => readConfig({ COMMIT: readCommit(root) ?? '', ...environment }));
const { host, port, metricsHost, metricsPort, addressHeader, stop: stopOptions } = read(readListenConfig);
const { store: storeConfig, exportStore: exportStoreConfig, workflowDatabase } = read(readStoreConfigs);

const metrics = metricsPort === null ? null : createMetrics(config.build);
const downloads = createDownloadPool({
  origin: config.legacy.url.origin,
  connectTimeoutMs: config.legacy.deadlines.connect,
});

const log: Platform['log'] = (event) => {
  console.log(JSON.stringify({ time: new Date().toISOString(), ...event }));
  metrics?.observe(event);
};
const runtime = `node ${process.versions.node}`;
log({ level: 'info', event: 'starting', ...config.build, runtime });

let gracefulStop: GracefulStop | null = null;
const { platform, background } = createNodePlatform(config, { log, downloads });
const store = storeConfig && (await openStore(storeConfig, log).catch(giveUpOn));
const exportStore = exportStoreConfig
  ? await openStore(exportStoreConfig, log, 'EXPORT_STORE').catch(giveUpOn)
  : store;
const workflows =
  exportStore && workflowDatabase ? await openWorkflows(workflowDatabase).catch(giveUpOn) : null;

function toExportPlatform(): NonNullable<Platform['exports']> {
  if (exportStore && workflows) return { store: exportStore, ...workflows };
  return {
    missing: [...(exportStore ? [] : ['STORE']), ...(workflowDatabase ? [] : ['WORKFLOW_DATABASE_URL'])],
  };
}

const services = createServices(config, {
  ...platform,
  store,
  clientAddress: createClientAddress(addressHeader),
  loadDocument: async () => document,
  assets: createNodeAssets(`${root}dist/ui`),
  activeTraceId: await createActiveTraceId(),
  isReady: () => !gracefulStop?.isStopping,
  exports: toExportPlatform(),
});
metrics?.watch(services.resilience);
for (const unknown of findUnknown(process.env)) log({ level: 'warn', event: 'unknown-variable', ...unknown });
const server = createNodeServer({
  fetch: createApp(services).fetch,
  onRefused: (status) => log({ level: 'info', event: 'refused', status }),
});
gracefulStop = createGracefulStop(server, stopOptions);

server.once('error', (error) => giveUp(`HOST and PORT: ${error.message}`));
server.listen(port, host, () => {
  const address = server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  console.log(`recordings gateway on http://${host.includes(':') ? `[${host}]` : host}:${actual}`);
});

if (metrics && metricsPort !== null) {
  metrics.server.once('error', (error) => giveUp(`METRICS_HOST and METRICS_PORT: ${error.message}`));
  metrics.server.listen(metricsPort, metricsHost);
}

/** Supervisors kill a process that takes longer. */
const settleMs = 60_000;

/** Drains in-flight responses. A second signal exits at once. */
async function stop() {
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1));
  log({ level: 'info', event: 'stopping', open_responses: gracefulStop?.openResponses ?? 0 });
  const [stopped] = await Promise.all([gracefulStop?.stop(), workflows?.stop()]);
  // An upload that the legacy service still handles needs its first response stored.
  await background.settle(settleMs);
  log({ level: 'info', event: 'stopped', cut_responses: stopped?.cutResponses ?? 0 });
  process.exit(0);
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
