/** Prometheus metrics of the Node entry, derived from the events of the request log and served on a separate port. */
import { createServer, type Server } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Build } from '../config/build.ts';
import { pools as poolNames, type Resilience } from '../legacy/call/call.ts';
import type { RequestEvent } from '../middleware/request-log.ts';

export interface Metrics {
  /** Counts an event of the log. */
  observe(event: Readonly<Record<string, unknown>>): void;
  /** Exposes the state of the breaker and the pools. */
  watch(resilience: Resilience): void;
  /** Serves `/metrics`; not listening yet. */
  readonly server: Server;
}

/** Each event is one failed call of the store. */
const storeEvents = new Set(['audio-store-failed', 'list-store-failed', 'store-failed']);

const circuitEvents = new Map([
  ['circuit-opened', 'opened'],
  ['circuit-closed', 'closed'],
]);
const storeScopes = new Set(['store', 'export-store']);

/** In seconds. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60];

export function createMetrics({ version, commit }: Build): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'gateway_build_info',
    help: 'Always 1; the labels name the version and the commit that run.',
    labelNames: ['version', 'commit'],
    registers,
  }).set({ version, commit: commit ?? '' }, 1);
  const labelNames = ['operation', 'method', 'status'] as const;
  const requests = new Histogram({
    name: 'gateway_request_duration_seconds',
    help: 'Time to first byte.',
    labelNames,
    buckets,
    registers,
  });
  const problems = new Counter({
    name: 'gateway_problems_total',
    help: 'Problem responses.',
    labelNames: ['problem'],
    registers,
  });
  const streamErrors = new Counter({
    name: 'gateway_stream_errors_total',
    help: 'Responses that broke off after they had begun, by problem.',
    labelNames: ['problem'],
    registers,
  });
  const refused = new Counter({
    name: 'gateway_refused_total',
    help: 'Requests rejected before routing: malformed, oversized or timed out.',
    labelNames: ['status'],
    registers,
  });
  const legacy = new Histogram({
    name: 'gateway_legacy_duration_seconds',
    help: 'Time that a request spent in the legacy service.',
    labelNames: ['operation', 'legacy_status'],
    buckets,
    registers,
  });
  const attempts = new Counter({
    name: 'gateway_legacy_calls_total',
    help: 'Calls to the legacy service.',
    labelNames: ['operation'],
    registers,
  });
  const bytes = new Counter({
    name: 'gateway_legacy_bytes_total',
    help: 'Bytes read from the legacy service.',
    labelNames: ['operation'],
    registers,
  });

  const skippedBytes = new Counter({
    name: 'gateway_legacy_skipped_bytes_total',
    help: 'Bytes of these that were discarded to reach a range.',
    labelNames: ['operation'],
    registers,
  });

  const accessRefused = new Counter({
    name: 'gateway_access_refused_total',
    help: 'Requests whose credentials were refused, by the reason in the log.',
    labelNames: ['reason'],
    registers,
  });
  const storeLookups = new Counter({
    name: 'gateway_store_lookups_total',
    help: 'Looks into the audio store, by what they found.',
    labelNames: ['result'],
    registers,
  });
  const storeFailures = new Counter({
    name: 'gateway_store_failures_total',
    help: 'Failed calls of the store, those after the response included.',
    registers,
  });
  const storeCircuit = new Gauge({
    name: 'gateway_store_circuit_open',
    help: '1 while the circuit of the store is open, so that nothing waits for it.',
    labelNames: ['scope'],
    registers,
  });
  storeCircuit.set({ scope: 'store' }, 0);
  const circuitChanges = new Counter({
    name: 'gateway_circuit_changes_total',
    help: 'Circuits that opened or closed.',
    labelNames: ['change', 'scope'],
    registers,
  });

  function observe(event: Readonly<Record<string, unknown>>): void {
    if (event.event === 'refused') refused.inc({ status: String(event.status) });
    if (storeEvents.has(String(event.event))) storeFailures.inc();
    const change = circuitEvents.get(String(event.event));
    if (change) {
      const scope = String(event.scope);
      circuitChanges.inc({ change, scope });
      if (storeScopes.has(scope)) storeCircuit.set({ scope }, change === 'opened' ? 1 : 0);
    }
    if (!isRequest(event)) return;
    const operation = event.operation ?? 'none';
    requests.observe({ operation, method: event.method, status: event.status }, event.ttfb_ms / 1000);
    if (event.stream_error) streamErrors.inc({ problem: event.stream_error });
    if (event.problem) problems.inc({ problem: event.problem });
    if (event.reason) accessRefused.inc({ reason: event.reason });
    if (event.store) storeLookups.inc({ result: event.store });
    if (!event.legacy) return;
    const legacyStatus = event.legacy.status ?? 'none';
    legacy.observe({ operation, legacy_status: legacyStatus }, event.legacy.duration_ms / 1000);
    attempts.inc({ operation }, event.legacy.attempts);
    bytes.inc({ operation }, event.legacy.bytes);
    skippedBytes.inc({ operation }, event.legacy.skipped_bytes);
  }

  function watch({ breaker, pools }: Resilience): void {
    new Gauge({
      name: 'gateway_circuit_open',
      help: '1 while the circuit breaker is open for all accounts.',
      registers,
      collect() {
        this.set(breaker.state() === 'closed' ? 0 : 1);
      },
    });
    new Gauge({
      name: 'gateway_circuit_open_accounts',
      help: 'Accounts whose own circuit breaker is open.',
      registers,
      collect() {
        this.set(breaker.openAccounts);
      },
    });
    new Gauge({
      name: 'gateway_legacy_slots',
      help: 'Calls to the legacy service that run, or wait for a slot.',
      labelNames: ['pool', 'state'],
      registers,
      collect() {
        for (const pool of poolNames) {
          this.set({ pool, state: 'running' }, pools[pool].running);
          this.set({ pool, state: 'waiting' }, pools[pool].waiting);
        }
      },
    });
  }

  const server = createServer(async (request, response) => {
    if (request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('Content-Type', registry.contentType);
    response.end(await registry.metrics());
  });
  return { observe, watch, server };
}

function isRequest(
  event: Readonly<Record<string, unknown>>,
): event is Readonly<Record<string, unknown>> & RequestEvent {
  return event.event === 'request';
}
