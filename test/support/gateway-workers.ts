/** The test gateway in workerd: the emulator in memory behind the adapter that the Worker uses. */

import { env, waitUntil } from 'cloudflare:workers';
import document from '../../openapi/openapi.json' with { type: 'json' };
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createServices } from '../../src/services.ts';
import { clientAddress } from '../../src/workers/client-address.ts';
import { createWorkersTransport } from '../../src/workers/legacy-transport.ts';
import { createDigest, createPassThrough, hmac } from '../../src/workers/streams.ts';
import { createWorkflowsEngine } from '../../src/workers/workflows.ts';
import { createEmulator } from '../emulator/emulator.ts';
import { workflowDriver } from '../workers/workflow-driver.ts';
import type { GatewayOptions, RunningGateway } from './harness.ts';
import { store } from './store-workers.ts';

export async function run({
  env: variables,
  legacy,
  withStore = false,
  withExports = false,
  ...options
}: GatewayOptions): Promise<RunningGateway> {
  const emulator = createEmulator(options.emulator);
  const answer = async (url: string, init: RequestInit) => (legacy ?? emulator.fetch)(new Request(url, init));
  const log: Record<string, unknown>[] = [];
  const config = readConfig({ LEGACY_API_URL: 'https://legacy.example/ibp_api.php', ...variables });
  const transport = createWorkersTransport(answer);
  const used = withStore === true ? store : withStore || null;
  const createEngine =
    typeof withExports === 'function' ? withExports : () => createWorkflowsEngine(getBinding());
  const platform = {
    transport,
    store: used,
    createPassThrough,
    createDigest,
    hmac,
    isReady: () => true,
    activeTraceId: () => options.traceId ?? null,
    waitUntil,
    clientAddress,
    rateLimits: { callers: null, refusedKeys: null },
    fetch: options.fetch ?? fetch,
    loadDocument: async () => document,
    assets: options.assets ?? null,
    ...(withExports && { exports: { store: used ?? store, createEngine } }),
    log: (event: Record<string, unknown>) => log.push(event),
  };
  const services = createServices(config, platform);
  if (services.exports) workflowDriver.set(services.exports);
  const app = createApp(services);
  return {
    emulator,
    origin: 'https://gateway.example',
    store: platform.store,
    log,
    fetch: async (path, init) => app.fetch(new Request(`https://gateway.example${path}`, init)),
    close: async () => {},
  };
}

function getBinding() {
  if (!env.EXPORTS) throw new Error('the tests bind no EXPORTS');
  return env.EXPORTS;
}
