/** Rate limits: requests per caller, and wrong keys per address. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { basic, startGateway, type TestGateway } from '../support/harness.ts';
import { bearer, issueToken, requestToken, tokenEnv } from '../support/token-client.ts';

const list = '/recordings?type=findme&id=1234';
const wrong = (n: number) => ({ Authorization: `Basic ${btoa(`foofoofoo:wrong${n}`)}` });

/** No allowance grows back while the requests of a test are sent, however long they take. */
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

/** One at a time: of two concurrent requests, either may be the one over the limit. */
async function statuses(requests: Iterable<() => Promise<Response>>): Promise<number[]> {
  const result: number[] = [];
  for (const request of requests) {
    const response = await request();
    await response.arrayBuffer();
    result.push(response.status);
  }
  return result;
}

describe('a caller', () => {
  it('with more requests than RATE_LIMIT must wait, and others need not', async () => {
    const gateway = await startGateway({ env: { RATE_LIMIT: '3' } });
    const ask = (name: string) => () => gateway.fetch(list, { headers: basic(gateway.emulator, name) });
    expect(await statuses([ask('page'), ask('page'), ask('page')])).toEqual([200, 200, 200]);
    const refused = await ask('page')();
    expect([refused.status, await refused.json()]).toEqual([
      429,
      expect.objectContaining({ type: '/problems/too-many-requests', status: 429 }),
    ]);
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('Retry-After'))).toBeLessThanOrEqual(20);
    const other = gateway.emulator.accounts.find(({ name }) => name !== 'page')?.name ?? '';
    expect((await ask(other)()).status).toBe(200);
    expect(gateway.emulator.calls).toHaveLength(4);
  });

  it('is the same with every authentication method of its account', async () => {
    const gateway = await startGateway({ env: { ...tokenEnv, RATE_LIMIT: '2' } });
    const token = await issueToken(gateway);
    const byToken = () => gateway.fetch(list, { headers: bearer(token) });
    expect(await statuses([byToken, byToken])).toEqual([200, 429]);
    expect((await requestToken(gateway)).status).toBe(429);
  });
});

describe('an address with too many wrong keys', () => {
  const env = { ...tokenEnv, REFUSED_KEYS_LIMIT: '5' };
  const flood = async (gateway: TestGateway, ask: (n: number) => Promise<Response>) => {
    const seen: number[] = [];
    for (let n = 0; n < 20; n += 1) seen.push(...(await statuses([() => ask(n)])));
    return { seen, calls: gateway.emulator.calls.length };
  };

  it('by Basic must wait, and the legacy service gets no further calls', async () => {
    const gateway = await startGateway({ env });
    const { seen, calls } = await flood(gateway, (n) => gateway.fetch(list, { headers: wrong(n) }));
    expect(seen.slice(0, 5)).toEqual(Array(5).fill(401));
    expect(seen.slice(5)).toEqual(Array(15).fill(429));
    expect(calls).toBe(5);
    const refused = await gateway.fetch(list, { headers: wrong(99) });
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ type: '/problems/too-many-requests' });
  });

  it('at the token endpoint must wait too', async () => {
    const gateway = await startGateway({ env });
    const { seen, calls } = await flood(gateway, (n) => requestToken(gateway, {}, wrong(n)));
    expect(seen.slice(5)).toEqual(Array(15).fill(429));
    expect(calls).toBe(5);
  });

  it('rejects no caller whose keys were valid lately', async () => {
    const gateway = await startGateway({ env });
    const headers = basic(gateway.emulator);
    expect(await statuses([() => gateway.fetch(list, { headers })])).toEqual([200]);
    await flood(gateway, (n) => gateway.fetch(list, { headers: wrong(n) }));
    expect(await statuses([() => gateway.fetch(list, { headers })])).toEqual([200]);
  });

  it('gains nothing by requests that never reach the legacy service', async () => {
    const gateway = await startGateway({ env });
    const invalid = (n: number) => () => gateway.fetch('/recordings', { headers: wrong(n) });
    expect(await statuses([invalid(99), invalid(99)])).toEqual([400, 400]);
    await flood(gateway, (n) => gateway.fetch(list, { headers: wrong(n) }));
    expect(await statuses([() => gateway.fetch(list, { headers: wrong(99) })])).toEqual([429]);
  });

  it('cannot hide behind a header of its own', async () => {
    const gateway = await startGateway({ env });
    const { seen } = await flood(gateway, (n) =>
      gateway.fetch(list, {
        headers: { ...wrong(n), 'X-Forwarded-For': `192.0.2.${n}`, 'X-Real-IP': `${n}` },
      }),
    );
    expect(seen.slice(5)).toEqual(Array(15).fill(429));
  });
});
