/** The Workers entry. */

import { env, waitUntil } from 'cloudflare:workers';
import { createApp } from '../app.ts';
import { createBindingRateLimit } from '../auth/rate-limit.ts';
import type { Assets } from '../config/ui.ts';
import { findUnknown } from '../config/unknown-names.ts';
import { readConfig } from '../config.ts';
import type { JsonObject } from '../openapi/json.ts';
import { createServices, type Platform } from '../services.ts';
import { createAuditSink } from './audit-sink.ts';
import { clientAddress } from './client-address.ts';
import { createWorkersTransport } from './legacy-transport.ts';
import { createR2Store } from './r2-store.ts';
import { createDigest, createPassThrough, hmac } from './streams.ts';
import { createExportWorkflow, createWorkflowsEngine } from './workflows.ts';

const config = readConfig(env);
const assets = toAssets(env.ASSETS);

const log = (event: Readonly<Record<string, unknown>>) =>
  console.log(JSON.stringify({ time: new Date().toISOString(), ...event }));

const services = createServices(config, {
  transport: createWorkersTransport(fetch),
  exports: toExports(),
  store: env.STORE ? createR2Store(env.STORE) : null,
  createPassThrough,
  createDigest,
  hmac,
  waitUntil,
  clientAddress,
  rateLimits: {
    callers: toRateLimit(env.CALLER_RATE_LIMITER),
    refusedKeys: toRateLimit(env.REFUSED_KEYS_RATE_LIMITER),
  },
  fetch: (url, init) => fetch(url, init),
  loadDocument,
  assets,
  // Cloudflare itself stops sending requests to an old version.
  isReady: () => true,
  // The platform does not expose its trace to a Worker.
  activeTraceId: () => null,
  log,
  audit: createAuditSink({ queue: env.AUDIT_QUEUE, log, waitUntil }),
});

const app = createApp(services);

/** The Workflow of exports. */
export const ExportWorkflow = createExportWorkflow(() => {
  const { exports } = services;
  if (!exports) throw new Error('exports are not configured any more');
  return exports;
});

let isAnnounced = false;

/** Logged with the first request: the platform's logs accept no line outside a request. */
function announce(): void {
  if (isAnnounced) return;
  isAnnounced = true;
  log({ level: 'info', event: 'starting', ...config.build, runtime: 'workers' });
  for (const unknown of findUnknown(env)) log({ level: 'warn', event: 'unknown-variable', ...unknown });
}

export default {
  fetch(request: Request) {
    announce();
    return app.fetch(request);
  },
};

function toExports(): NonNullable<Platform['exports']> {
  const { EXPORT_STORE, STORE, EXPORTS } = env;
  const bucket = EXPORT_STORE ?? STORE;
  if (bucket && EXPORTS) {
    return { store: createR2Store(bucket), createEngine: () => createWorkflowsEngine(EXPORTS) };
  }
  return { missing: [...(bucket ? [] : ['STORE']), ...(EXPORTS ? [] : ['EXPORTS'])] };
}

/** The files deployed with the Worker (see wrangler.toml); a Worker may run without them. */
function toAssets(binding: Fetcher | undefined): Assets | null {
  return binding ? (request) => binding.fetch(request) : null;
}

/** Loaded from the files too: in the bundle, it would be a tenth of the code that every start reads. */
async function loadDocument(): Promise<JsonObject> {
  const response = await assets?.(new Request('https://assets.example/openapi.json'));
  if (!response?.ok) throw new Error('the Worker was deployed without openapi.json among its assets');
  return await response.json();
}

/** Its period in wrangler.toml must be 60 seconds. */
function toRateLimit(binding: RateLimit | undefined) {
  return binding ? createBindingRateLimit(binding, 60) : null;
}
