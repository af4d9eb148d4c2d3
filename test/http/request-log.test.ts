/** The request log: one line per request, its fields, and the secrets that it never contains. */
import { expect, test } from 'vitest';
import { sids } from '../emulator/seeds.ts';
import { basic, startGateway, type TestGateway } from '../support/harness.ts';
import { operations } from '../support/operations.ts';
import { bearer, issueToken, tokenEnv } from '../support/token-client.ts';

const list = '/recordings?type=findme&id=1234';
const number = expect.any(Number);

/** The lines so far, once there are this many. */
async function lines(gateway: TestGateway, count: number) {
  const told = () => gateway.log.filter(({ event }) => event === 'request');
  await expect.poll(() => told().length).toBe(count);
  return told();
}

test.each(operations)(
  '$operationId writes one line, with its name and all fields',
  async ({ path, init, ...operation }) => {
    const gateway = await startGateway({ env: tokenEnv });
    const headers = { ...init.headers, ...basic(gateway.emulator) };
    const response = await gateway.fetch(path, { ...init, headers, redirect: 'manual' });
    await response.arrayBuffer();
    const hasCaller = operation.scope !== null || operation.operationId === 'issueToken';
    expect(await lines(gateway, 1)).toEqual([
      {
        level: response.status < 500 ? 'info' : 'warn',
        event: 'request',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        request_id: response.headers.get('X-Request-Id'),
        trace_id: null,
        method: operation.method,
        operation: operation.operationId,
        status: response.status,
        problem: response.status < 400 ? null : expect.stringMatching(/^[a-z-]+$/),
        reason: null,
        address: null,
        stream_error: null,
        caller: hasCaller ? expect.stringMatching(/^[0-9a-f]{32}$/) : null,
        subject: hasCaller ? expect.stringMatching(/^[0-9a-f]{32}$/) : null,
        recording:
          operation.operationId === 'deleteRecording' ? expect.stringMatching(/^[0-9a-f]{32}$/) : null,
        store: null,
        auth_method: hasCaller ? 'basic' : null,
        ttfb_ms: number,
        duration_ms: number,
        legacy:
          gateway.emulator.calls.length === 0
            ? null
            : {
                attempts: gateway.emulator.calls.length,
                status: number,
                duration_ms: number,
                bytes: number,
                repairs: 0,
                skipped_bytes: 0,
              },
      },
    ]);
    const isTimed = /^legacy;dur=[\d.]+$/.test(response.headers.get('Server-Timing') ?? '');
    expect(isTimed).toBe(gateway.emulator.calls.length > 0);
  },
);

test('an account has one digest with every authentication method, different from all others', async () => {
  const gateway = await startGateway({ env: tokenEnv });
  const token = await issueToken(gateway, { scope: 'recordings:read' });
  for (const headers of [basic(gateway.emulator), bearer(token), basic(gateway.emulator, 'north')]) {
    await (await gateway.fetch(list, { headers })).text();
  }
  const [, own, byToken, other] = await lines(gateway, 4);
  expect([own?.auth_method, byToken?.auth_method, other?.auth_method]).toEqual(['basic', 'token', 'basic']);
  expect(byToken?.caller).toBe(own?.caller);
  expect(other?.caller).not.toBe(own?.caller);
});

test('attempts, the last status and the bytes of the legacy service are logged', async () => {
  const gateway = await startGateway();
  const headers = basic(gateway.emulator);
  gateway.emulator.fault({ name: 'bad-gateway', times: 1 });
  await (await gateway.fetch(list, { headers })).text();
  const audio = await (await gateway.fetch(`/recordings/${sids.playable}/audio`, { headers })).arrayBuffer();
  gateway.emulator.fault({ name: 'reset-before-answer' });
  await (await gateway.fetch(`/recordings/${sids.playable}`, { headers, method: 'DELETE' })).text();
  const told = (await lines(gateway, 3)).map(({ level, status, problem, legacy }) => ({
    level,
    status,
    problem,
    legacy,
  }));
  const duration_ms = number;
  expect(told).toEqual([
    {
      level: 'info',
      status: 200,
      problem: null,
      legacy: { attempts: 2, status: 200, duration_ms, bytes: number, repairs: 0, skipped_bytes: 0 },
    },
    {
      level: 'info',
      status: 200,
      problem: null,
      legacy: {
        attempts: 1,
        status: 200,
        duration_ms,
        bytes: audio.byteLength,
        repairs: 0,
        skipped_bytes: 0,
      },
    },
    // The removal, then the check with a retry.
    {
      level: 'warn',
      status: 502,
      problem: 'legacy-unreachable',
      legacy: { attempts: 3, status: null, duration_ms, bytes: 0, repairs: 0, skipped_bytes: 0 },
    },
  ]);
});

test('no text of a client enters the log, except a request ID from a trusted header', async () => {
  const gateway = await startGateway({ env: tokenEnv });
  const canary = 'canary-5f1e';
  const headers = {
    ...basic(gateway.emulator),
    'User-Agent': canary,
    Referer: `https://${canary}.example/`,
    Accept: canary,
    Range: canary,
    Origin: `https://${canary}.example`,
    'X-Request-Id': canary,
    'X-Forwarded-For': canary,
    'Idempotency-Key': `"${canary}"`,
    traceparent: canary,
    tracestate: canary,
  };
  const paths = [
    `/${canary}`,
    `/recordings/${canary}/audio?format=${canary}&token=${canary}`,
    `/recordings?type=${canary}&id=1%0A%7B%22level%22:%22${canary}%22%7D`,
    `/problems/${canary}`,
    `/staged/${canary}`,
  ];
  for (const path of paths) await (await gateway.fetch(path, { headers })).text();
  const init = { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body: canary };
  await (await gateway.fetch('/uploads', init)).text();
  await (await gateway.fetch('/oauth/token', { ...init, headers: bearer(canary) })).text();
  await lines(gateway, paths.length + 2);
  expect(JSON.stringify(gateway.log)).not.toContain(canary);
});

test.each([
  ['from a trusted proxy', { REQUEST_ID_HEADER: 'X-Request-Id' }, 'abc-123=_x', true],
  ['without a trusted proxy', {}, 'abc-123', false],
  ['with invalid characters', { REQUEST_ID_HEADER: 'X-Request-Id' }, 'a"b', false],
  ['that is too long', { REQUEST_ID_HEADER: 'X-Request-Id' }, 'a'.repeat(256), false],
])('a request ID %s', async (_whose, env, name, isTaken) => {
  const gateway = await startGateway({ env });
  const response = await gateway.fetch('/health', { headers: { 'X-Request-Id': name } });
  const [line] = await lines(gateway, 1);
  expect(line?.request_id).toBe(response.headers.get('X-Request-Id'));
  expect(line?.request_id === name).toBe(isTaken);
  if (!isTaken) expect(line?.request_id).toMatch(/^[\da-f-]{36}$/);
});

const trace = '0af7651916cd43dd8448eb211c80319c';
const parts = `${trace}-b7ad6b7169203331-01`;

test.each([
  ['unchanged', `00-${parts}`, `00-${parts}`],
  ['in the known form, from a later version', `01-${parts}-more`, `00-${parts}`],
  ['not, with more fields than its version has', `00-${parts}-more`, undefined],
  ['not, in the forbidden version', `ff-${parts}`, undefined],
  ['not, in capitals', `00-${parts.toUpperCase()}`, undefined],
  ['not, without a trace', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, undefined],
  ['not, without a parent', `00-${trace}-${'0'.repeat(16)}-01`, undefined],
  ['not, twice', `00-${parts}, 00-${parts}`, undefined],
  ['not, if it is invalid', 'canary', undefined],
])('a traceparent is propagated %s', async (_how, traceparent, expected) => {
  const gateway = await startGateway();
  const headers = { ...basic(gateway.emulator), traceparent };
  await (await gateway.fetch(list, { headers })).text();
  const [line] = await lines(gateway, 1);
  expect(line?.trace_id).toBe(expected ? trace : null);
  expect(gateway.emulator.calls.map((call) => call.headers.traceparent)).toEqual([expected]);
});
