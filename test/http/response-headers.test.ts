/** Headers of every response: how long it may be cached, and that it is data and not a page. */
import { describe, expect, it } from 'vitest';
import { basic, startGateway } from '../support/harness.ts';
import { operations } from '../support/operations.ts';
import { tokenEnv } from '../support/token-client.ts';

const always = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Strict-Transport-Security': expect.stringMatching(/^max-age=\d{7,}/),
  'Content-Security-Policy': expect.stringContaining("default-src 'none'"),
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': expect.stringMatching(/no-store|no-cache|max-age=\d+/),
  'X-Request-Id': expect.stringMatching(/^[\w=-]+$/),
};

function expectAlways({ headers }: Response): void {
  const names = Object.keys(always);
  expect(Object.fromEntries(names.map((name) => [name, headers.get(name)]))).toEqual(always);
  for (const name of ['Server', 'X-Powered-By', 'Set-Cookie']) expect(headers.get(name)).toBeNull();
}

describe.each(operations)('$operationId', ({ path, init, scope }) => {
  it.each(['with keys', 'without'])('%s', async (how) => {
    const gateway = await startGateway({ env: tokenEnv });
    const credentials = how === 'with keys' && scope ? basic(gateway.emulator) : {};
    const response = await gateway.fetch(path, { ...init, headers: { ...init.headers, ...credentials } });
    await response.arrayBuffer();
    expectAlways(response);
    if (scope) expect(response.headers.get('Cache-Control')).not.toContain('public');
  });

  it('with a wrong method, and while the legacy service fails', async () => {
    const gateway = await startGateway({ env: tokenEnv });
    const wrong = await gateway.fetch(path, { method: 'PATCH', headers: basic(gateway.emulator) });
    await wrong.arrayBuffer();
    expectAlways(wrong);
    gateway.emulator.fault({ name: 'server-error' });
    const headers = { ...init.headers, ...basic(gateway.emulator) };
    const failed = await gateway.fetch(path, { ...init, headers });
    await failed.arrayBuffer();
    expectAlways(failed);
  });
});

it.each([
  ['an unknown path', '/nothing'],
  ['an overlong one', `/health?${'x'.repeat(9000)}`],
  ['a path that cannot be decoded', '/recordings/%E0%A4%A/audio'],
])('%s', async (_, path) => {
  const gateway = await startGateway();
  const response = await gateway.fetch(path);
  await response.arrayBuffer();
  expect(response.status).toBeGreaterThanOrEqual(400);
  expectAlways(response);
});
