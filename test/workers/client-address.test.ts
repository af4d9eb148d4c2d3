/** Wrong keys on Workers are counted by the address that Cloudflare names. */
import { expect, it } from 'vitest';
import { startGateway } from '../support/harness.ts';

it.each([
  ['CF-Connecting-IP', 401],
  ['X-Forwarded-For', 429],
])('%s separates clients: %i', async (name, expected) => {
  const gateway = await startGateway({ env: { REFUSED_KEYS_LIMIT: '3' } });
  let status = 0;
  for (let n = 0; n < 10; n += 1) {
    const headers = { Authorization: `Basic ${btoa(`foofoofoo:wrong${n}`)}`, [name]: `192.0.2.${n}` };
    status = (await gateway.fetch('/recordings?type=findme&id=1234', { headers })).status;
  }
  expect(status).toBe(expected);
});
