/** Prometheus metrics of the Node entry, made from the events of the request log, on a port of their own. */
import { createServer, type Server } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Resilience } from '../legacy/call/call.ts';
import type { RequestEvent } from '../middleware/request-log.ts';

export interface Metrics {
  /** Counts the events of requests; others are none of its business. */
  observe(event: Readonly<Record<string, unknown>>): void;
  /** Shows what the legacy's guards are doing. */
  watch(resilience: Resilience): void;
  /** Serves `/metrics`; not yet listening. */
  readonly server: Server;
}

/** In seconds. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const labelNames = ['operation', 'method', 'status'] as const;
  const requests = new Histogram({
    name: 'gateway_request_duration_seconds',
    help: 'Until the answer began.',
    labelNames,
    buckets,
    registers,
  });
  const problems = new Counter({
    name: 'gateway_problems_total',
    help: 'Problems that were answered.',
    labelNames: ['problem'],
    registers,
  });
  const broken = new Counter({
    name: 'gateway_broken_answers_total',
    help: 'Answers that had begun and broke off, by what broke them.',
    labelNames: ['problem'],
    registers,
  });
  const refused = new Counter({
    name: 'gateway_refused_total',
    help: 'What was no request of HTTP, larger than one may be, or did not end.',
    labelNames: ['status'],
    registers,
  });
  const legacy = new Histogram({
    name: 'gateway_legacy_duration_seconds',
    help: "The legacy service's share of a request.",
    labelNames: ['operation', 'legacy_status'],
    buckets,
    registers,
  });
  const tries = new Counter({
    name: 'gateway_legacy_calls_total',
    help: 'Calls to the legacy service.',
    labelNames: ['operation'],
    registers,
  });
  const bytes = new Counter({
    name: 'gateway_legacy_bytes_total',
    help: "Bytes read of the legacy service's answers.",
    labelNames: ['operation'],
    registers,
  });

  function observe(event: Readonly<Record<string, unknown>>): void {
    if (event.event === 'refused') refused.inc({ status: String(event.status) });
    if (!isRequest(event)) return;
    const operation = event.operation ?? 'none';
    requests.observe({ operation, method: event.method, status: event.status }, event.duration / 1000);
    if (event.broken) broken.inc({ problem: event.broken });
    if (event.problem) problems.inc({ problem: event.problem });
    if (!event.legacy) return;
    const legacyStatus = event.legacy.status ?? 'none';
    legacy.observe({ operation, legacy_status: legacyStatus }, event.legacy.duration / 1000);
    tries.inc({ operation }, event.legacy.tries);
    bytes.inc({ operation }, event.legacy.bytes);
  }

  function watch({ breaker, lanes }: Resilience): void {
    new Gauge({
      name: 'gateway_circuit_open',
      help: '1 while the legacy service is left alone.',
      registers,
      collect() {
        this.set(breaker.state === 'closed' ? 0 : 1);
      },
    });
    new Gauge({
      name: 'gateway_legacy_places',
      help: 'Calls that are with the legacy service, or wait for a place.',
      labelNames: ['lane', 'state'],
      registers,
      collect() {
        for (const lane of ['calls', 'streams'] as const) {
          this.set({ lane, state: 'running' }, lanes[lane].running);
          this.set({ lane, state: 'waiting' }, lanes[lane].waiting);
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
