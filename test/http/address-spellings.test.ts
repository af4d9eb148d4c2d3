/** Wrong keys are counted by the client's address, in any spelling that a proxy uses. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startGateway } from '../support/harness.ts';

const limit = 5;

/** No allowance grows back while the requests of a test are sent, however long they take. */
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());
const mapped = [
  '::ffff:cb00:710b',
  '203.0.113.11',
  '::FFFF:203.0.113.11',
  '203.0.113.11:443',
  '[::ffff:cb00:710b]:1',
];

/** How many of 40 wrong keys reach the legacy service. */
async function guess(toAddress: (n: number) => string): Promise<number> {
  const env = { REFUSED_KEYS_LIMIT: String(limit), CLIENT_ADDRESS_HEADER: 'CF-Connecting-IP' };
  const gateway = await startGateway({ env });
  for (let n = 0; n < 40; n += 1) {
    const headers = {
      Authorization: `Basic ${btoa(`foofoofoo:wrong${n}`)}`,
      'CF-Connecting-IP': toAddress(n),
    };
    const response = await gateway.fetch('/recordings?type=findme&id=1234', { headers });
    expect(response.status).toBeOneOf([401, 429]);
  }
  return gateway.emulator.calls.length;
}

it.each([
  ['IPv4 with a port (Azure Application Gateway)', (n: number) => `203.0.113.9:${40_000 + n}`],
  ['IPv6 with brackets and a port', (n: number) => `[2001:db8::1]:${40_000 + n}`],
  ['the addresses of one /64', (n: number) => `2001:db8:0:7:${n}::${n}`],
  [
    'IPv6 in capitals, with zeros, and short',
    (n: number) => ['2001:DB8::1', '2001:0db8:0:0:0:0:0:1', '2001:db8::0:1'][n % 3] ?? '',
  ],
  ['IPv4 and the same mapped into IPv6', (n: number) => mapped[n % mapped.length] ?? ''],
  ['IPv6 with a zone', (n: number) => `fe80::1%eth${n}`],
  ['an address in white space', (n: number) => `${' '.repeat(n % 3)}203.0.113.9`],
])('as one client: %s', async (_, toAddress) => expect(await guess(toAddress)).toBe(limit));

it('the /64s of one /48 share a wider limit', async () => {
  const calls = await guess((n) => `2001:db8:1:${n.toString(16)}::1`);
  expect(calls).toBe(limit * 4);
});

it('other addresses are other clients', async () => {
  expect(await guess((n) => `203.0.113.${n}:443`)).toBe(40);
});
