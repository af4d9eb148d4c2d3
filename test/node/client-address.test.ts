/** Wrong keys on Node are counted by the socket's address, or by the one that the operator's proxy names. */
import { expect, it } from 'vitest';
import { startGateway } from '../support/harness.ts';

async function lastOfTen(env: Record<string, string>, toHeaders: (n: number) => Record<string, string>) {
  const gateway = await startGateway({ env: { REFUSED_KEYS_LIMIT: '3', ...env } });
  let status = 0;
  for (let n = 0; n < 10; n += 1) {
    const headers = { Authorization: `Basic ${btoa(`foofoofoo:wrong${n}`)}`, ...toHeaders(n) };
    status = (await gateway.fetch('/recordings?type=findme&id=1234', { headers })).status;
  }
  return status;
}

const behindProxy = { CLIENT_ADDRESS_HEADER: 'X-Forwarded-For' };

it.each([
  ['a header of the client', {}, (n: number) => ({ 'X-Forwarded-For': `192.0.2.${n}` }), 429],
  ['Cloudflare’s header', {}, (n: number) => ({ 'CF-Connecting-IP': `192.0.2.${n}` }), 429],
  ['the proxy’s header', behindProxy, (n: number) => ({ 'X-Forwarded-For': `192.0.2.${n}` }), 401],
  [
    'addresses before the proxy’s own',
    behindProxy,
    (n: number) => ({ 'X-Forwarded-For': `198.51.100.${n}, 192.0.2.1` }),
    429,
  ],
  ['a header that the proxy did not send', behindProxy, () => ({}), 429],
])('%s', async (_, env, toHeaders, status) => expect(await lastOfTen(env, toHeaders)).toBe(status));
