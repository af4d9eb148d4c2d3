/** The test gateway on Node: real sockets on both sides. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import document from '../../openapi/openapi.json' with { type: 'json' };
import { createApp } from '../../src/app.ts';
import { readConfig, readListenConfig } from '../../src/config.ts';
import { createClientAddress } from '../../src/node/client-address.ts';
import { createDownloadPool } from '../../src/node/download-pool.ts';
import { createNodeTransport } from '../../src/node/legacy-transport.ts';
import { createNodeServer } from '../../src/node/server.ts';
import { createDigest, createPassThrough, hmac } from '../../src/node/streams.ts';
import { openWorkflows } from '../../src/node/workflows.ts';
import { createServices } from '../../src/services.ts';
import { createEmulator } from '../emulator/emulator.ts';
import { serveEmulator } from '../emulator/server.ts';
import type { GatewayOptions, RunningGateway } from './harness.ts';
import { store } from './store-node.ts';

export async function run({
  env,
  legacy: answer,
  withStore = false,
  withExports = false,
  ...options
}: GatewayOptions): Promise<RunningGateway> {
  const emulator = createEmulator(options.emulator);
  const legacy = await serveEmulator(
    answer ? { ...emulator, fetch: async (request) => answer(request) } : emulator,
  );
  const log: Record<string, unknown>[] = [];
  const config = readConfig({ LEGACY_API_URL: legacy.url, ...env });
  const pool = new Pool(config.legacy.url.origin);
  const downloads = createDownloadPool({ origin: config.legacy.url.origin, connectTimeoutMs: 2000 });
  const transport = createNodeTransport(pool, downloads);
  const workflows = withExports === true ? await openTestWorkflows() : null;
  const used = withStore === true ? store : withStore || null;
  const exportStore = used ?? store;
  const platform = {
    ...(workflows && { exports: { store: exportStore, ...workflows } }),
    ...(typeof withExports === 'function' && { exports: { store: exportStore, createEngine: withExports } }),
    transport,
    store: used,
    createPassThrough,
    createDigest,
    hmac,
    waitUntil: () => {},
    isReady: () => true,
    activeTraceId: () => options.traceId ?? null,
    clientAddress: createClientAddress(readListenConfig({ ...env }).addressHeader),
    rateLimits: { callers: null, refusedKeys: null },
    fetch: options.fetch ?? fetch,
    loadDocument: async () => document,
    assets: options.assets ?? null,
    log: (event: Record<string, unknown>) => log.push(event),
  };
  const app = createApp(createServices(config, platform));
  const server = createNodeServer({ fetch: app.fetch });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    emulator,
    origin: `http://127.0.0.1:${port}`,
    store: platform.store,
    log,
    fetch: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, toDuplex(init)),
    async close() {
      server.closeAllConnections();
      server.close();
      await workflows?.stop();
      await pool.destroy();
      await downloads.destroy();
      await legacy.close();
    },
  };
}

async function openTestWorkflows() {
  const directory = mkdtempSync(join(tmpdir(), 'workflows-'));
  const workflows = await openWorkflows({ file: join(directory, 'workflows.sqlite') });
  return {
    ...workflows,
    async stop() {
      await workflows.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

/** A stream as the body needs `duplex`, which the DOM's types lack. */
function toDuplex(init: RequestInit | undefined): RequestInit {
  return Object.assign({ duplex: 'half' }, init);
}
