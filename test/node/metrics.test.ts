/** Prometheus metrics, derived from the lines of the log. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createResilience } from '../../src/legacy/call/call.ts';
import { LegacyError } from '../../src/legacy/failure.ts';
import { NotSentError } from '../../src/legacy/transport.ts';
import { createMetrics } from '../../src/node/metrics.ts';
import { basic, startGateway } from '../support/harness.ts';

async function start() {
  const metrics = createMetrics({ version: '1.2.3', commit: 'abc1234' });
  metrics.server.listen(0, '127.0.0.1');
  onTestFinished(() => void metrics.server.close());
  await once(metrics.server, 'listening');
  const url = `http://127.0.0.1:${(metrics.server.address() as AddressInfo).port}`;
  const scrape = async (path = '/metrics') => {
    const response = await fetch(url + path);
    return { response, lines: (await response.text()).split('\n') };
  };
  return { ...metrics, scrape };
}

const deadlines = { firstByte: 1000, response: 1000, idle: 1000, upload: 1000, audio: 1000 };

test('requests, problems and legacy calls are counted as logged', async () => {
  const { observe, scrape } = await start();
  const gateway = await startGateway();
  const headers = basic(gateway.emulator);
  const list = '/recordings?type=findme&id=1234';
  gateway.emulator.fault({ name: 'bad-gateway', times: 1 });
  await (await gateway.fetch(list, { headers })).text();
  await (await gateway.fetch(`${list}&limit=0`, { headers })).text();
  await (await gateway.fetch('/nothing')).text();
  await expect.poll(() => gateway.log.length).toBe(3);
  gateway.log.forEach(observe);
  observe({ event: 'refused', status: 431 });
  observe({ event: 'audio-store-failed', error: 'Error' });
  observe({ event: 'circuit-opened', scope: 'account' });
  observe({ event: 'circuit-closed', scope: 'account' });
  observe({ event: 'circuit-opened', scope: 'export-store' });
  observe({ ...gateway.log[0], store: 'hit', reason: 'expired' });
  const { lines } = await scrape();
  const legacy = gateway.log[0]?.legacy as { bytes: number };
  expect(lines).toEqual(
    expect.arrayContaining([
      'gateway_request_duration_seconds_count{operation="listRecordings",method="GET",status="200"} 2',
      'gateway_request_duration_seconds_count{operation="listRecordings",method="GET",status="400"} 1',
      'gateway_request_duration_seconds_count{operation="none",method="GET",status="404"} 1',
      'gateway_problems_total{problem="invalid-request"} 1',
      'gateway_problems_total{problem="not-found"} 1',
      'gateway_legacy_duration_seconds_count{operation="listRecordings",legacy_status="200"} 2',
      'gateway_legacy_calls_total{operation="listRecordings"} 4',
      `gateway_legacy_bytes_total{operation="listRecordings"} ${2 * legacy.bytes}`,
      'gateway_refused_total{status="431"} 1',
      'gateway_store_failures_total 1',
      'gateway_store_lookups_total{result="hit"} 1',
      'gateway_access_refused_total{reason="expired"} 1',
      'gateway_circuit_changes_total{change="opened",scope="account"} 1',
      'gateway_circuit_changes_total{change="closed",scope="account"} 1',
      'gateway_circuit_changes_total{change="opened",scope="export-store"} 1',
      'gateway_store_circuit_open{scope="store"} 0',
      'gateway_store_circuit_open{scope="export-store"} 1',
      'gateway_build_info{version="1.2.3",commit="abc1234"} 1',
    ]),
  );
});

test('an interrupted response is counted by its cause', async () => {
  const { observe, scrape } = await start();
  const gateway = await startGateway();
  gateway.emulator.fault({ name: 'cut-audio-with-length' });
  const response = await gateway.fetch('/recordings/0907065723240097/audio', {
    headers: basic(gateway.emulator),
  });
  await expect(response.arrayBuffer()).rejects.toThrow();
  await expect.poll(() => gateway.log.length).toBe(1);
  gateway.log.forEach(observe);
  expect((await scrape()).lines).toContain('gateway_stream_errors_total{problem="legacy-unreachable"} 1');
});

test('the breaker and the slots are read when the metrics are requested', async () => {
  const { watch, scrape } = await start();
  const resilience = createResilience({
    deadlines,
    limits: { calls: 1, streams: 1, uploads: 1 },
    circuitOpen: 60_000,
    minClientBytesPerSecond: 0,
  });
  watch(resilience);
  expect((await scrape()).lines).toContain('gateway_circuit_open 0');
  const { signal } = new AbortController();
  const owner = { account: 'a', subject: 'a' };
  await resilience.pools.calls.enter(owner, signal);
  void resilience.pools.calls.enter(owner, signal);
  const call = { account: 'a', action: 'recording.list' } as const;
  const fail = (options?: ErrorOptions) => async () => {
    throw new LegacyError({ kind: 'unreachable' }, options);
  };
  for (let count = 0; count < 5; count++) await resilience.breaker.run(call, fail()).catch(() => {});
  expect((await scrape()).lines).toEqual(
    expect.arrayContaining(['gateway_circuit_open 0', 'gateway_circuit_open_accounts 1']),
  );
  const other = { ...call, account: 'b' };
  const unsent = fail({ cause: new NotSentError(false, {}) });
  for (let count = 0; count < 5; count++) await resilience.breaker.run(other, unsent).catch(() => {});
  expect((await scrape()).lines).toEqual(
    expect.arrayContaining([
      'gateway_circuit_open 1',
      'gateway_legacy_slots{pool="calls",state="running"} 1',
      'gateway_legacy_slots{pool="calls",state="waiting"} 1',
      'gateway_legacy_slots{pool="streams",state="running"} 0',
    ]),
  );
});

test('names and formats are those of Prometheus, at one address', async () => {
  const { watch, scrape } = await start();
  watch(
    createResilience({
      deadlines,
      limits: { calls: 1, streams: 1, uploads: 1 },
      circuitOpen: 1000,
      minClientBytesPerSecond: 0,
    }),
  );
  const { response, lines } = await scrape('/metrics?collect=all');
  expect(response.headers.get('Content-Type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const types = lines.filter((line) => line.startsWith('# TYPE gateway_')).map((line) => line.split(' '));
  expect(types.length).toBeGreaterThan(7);
  for (const [, , name = '', type] of types) {
    expect(name).toMatch(/^[a-z]+(_[a-z]+)+$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(name.endsWith('_seconds')).toBe(type === 'histogram');
    expect(lines.some((line) => line.startsWith(`# HELP ${name} `))).toBe(true);
  }
  expect((await scrape('/')).response.status).toBe(404);
});
