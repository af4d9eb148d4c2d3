/** The list as clients see it, and the deletion of a recording. */
import { describe, expect, test } from 'vitest';
import { basic, startGateway, type TestGateway } from '../support/harness.ts';

const list = '/recordings?type=findme&id=1234';

async function walk(gateway: TestGateway, path: string, between: (page: number) => void = () => {}) {
  const headers = basic(gateway.emulator);
  const sids: string[] = [];
  let pages = 0;
  for (let next: string | undefined = path; next; pages++) {
    const response = await gateway.fetch(next, { headers });
    expect(response.status).toBe(200);
    const page = await response.json();
    sids.push(...page.recordings.map(({ sid }: { sid: string }) => sid));
    const link = response.headers.get('Link');
    expect(link !== null).toBe(page.next_cursor !== null);
    next = /^<([^>]+)>; rel="next"$/.exec(link ?? '')?.[1];
    between(pages);
  }
  return { sids, pages };
}

describe('the list', () => {
  test("has the documented recordings in the gateway's form", async () => {
    const gateway = await startGateway({ env: { LEGACY_TIME_ZONE: 'America/Chicago' } });
    const response = await gateway.fetch(list, { headers: basic(gateway.emulator) });
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('application/json');
    expect(response.headers.get('Cache-Control')).toBe('private, no-store');
    const { recordings, next_cursor } = await response.json();
    expect(next_cursor).toBeNull();
    expect(recordings).toHaveLength(2);
    expect(recordings[0]).toEqual({
      sid: '0932654521723728',
      dnis: '8475551234',
      number_connected: '3125551265',
      minutes: 5.3,
      duration_seconds: 318,
      date: '2019-02-20 20:42:11',
      recorded_at: '2019-02-20T20:42:11-06:00',
      audio_url: '/recordings/0932654521723728/audio',
    });
    expect(gateway.emulator.calls.length).toBe(1);
  });

  test('has no recorded_at without a configured time zone', async () => {
    const gateway = await startGateway();
    const { recordings } = await (await gateway.fetch(list, { headers: basic(gateway.emulator) })).json();
    expect(recordings[0].recorded_at).toBeNull();
  });

  test.each(['GET', 'POST'])('is requested with %s if configured', async (method) => {
    const gateway = await startGateway({ env: { LEGACY_METHOD: method } });
    const response = await gateway.fetch(list, { headers: basic(gateway.emulator, 'north') });
    expect(response.status).toBe(200);
    expect(gateway.emulator.calls).toMatchObject([{ method, account: 'north', action: 'recording.list' }]);
  });

  test('comes in pages, each of which closes the legacy connection', async () => {
    const gateway = await startGateway();
    const { sids, pages } = await walk(gateway, '/recordings?type=powerdialer&id=1000&limit=300');
    expect(pages).toBe(4);
    expect(new Set(sids).size).toBe(1000);
    expect(gateway.emulator.calls.length).toBe(4);
    await expect.poll(() => gateway.emulator.openConnections()).toBe(0);
  });

  test('walked while recordings are added and removed, returns every unchanged one once', async () => {
    const gateway = await startGateway();
    const account = gateway.emulator.account('page');
    const removed = new Set<string>();
    let known: string[] = [];
    const first = await gateway.fetch('/recordings?type=powerdialer&id=10000&limit=1000', {
      headers: basic(gateway.emulator),
    });
    known = (await first.json()).recordings.map(({ sid }: { sid: string }) => sid);
    const { sids } = await walk(gateway, '/recordings?type=powerdialer&id=10000&limit=700', (page) => {
      account.add('powerdialer', '10000', { sid: `new-${page}`, date: '2030-01-01 00:00:00' });
      for (const sid of known.slice(page * 10, page * 10 + 10)) {
        removed.add(sid);
        account.remove(sid);
      }
    });
    expect(new Set(sids).size).toBe(sids.length);
    const untouched = sids.filter((sid) => !sid.startsWith('new-') && !removed.has(sid));
    expect(untouched).toHaveLength(10_000 - removed.size);
  });

  test('is filtered by day, inclusive', async () => {
    const gateway = await startGateway();
    const headers = basic(gateway.emulator);
    const sidsOf = async (query: string) => {
      const { recordings } = await (await gateway.fetch(`${list}&${query}`, { headers })).json();
      return recordings.map(({ sid }: { sid: string }) => sid);
    };
    const [newer, older] = ['0932654521723728', '123456789101112'];
    expect(await sidsOf('from=2019-02-20')).toEqual([newer]);
    expect(await sidsOf('to=2019-02-19')).toEqual([older]);
    expect(await sidsOf('from=2019-01-20&to=2019-02-20')).toEqual([newer, older]);
    expect(await sidsOf('from=2019-02-21')).toEqual([]);
  });

  test('is exported whole as JSON lines', async () => {
    const gateway = await startGateway();
    const headers = { ...basic(gateway.emulator), Accept: 'application/x-ndjson' };
    const response = await gateway.fetch('/recordings?type=powerdialer&id=10000', { headers });
    expect(response.headers.get('Content-Type')).toBe('application/x-ndjson');
    const lines = (await response.text()).trimEnd().split('\n');
    expect(new Set(lines.map((line) => JSON.parse(line).sid)).size).toBe(10_000);
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1e3', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=', 'limit'],
    ['limit=5&limit=6', 'limit'],
    ['cursor=', 'cursor'],
    ['cursor=nonsense', 'cursor'],
    [`cursor=${'x'.repeat(43)}.${'y'.repeat(43)}`, 'cursor'],
    ['from=2019-02-30', 'from'],
    ['from=yesterday', 'from'],
    ['from=2019-02-02&to=2019-02-01', 'from'],
    ['to=2019-13-01', 'to'],
    ['id=5', 'id'],
    ['type=findme', 'type'],
    ['lmit=5', 'lmit'],
  ])('rejects %s by name, without a legacy call', async (query, parameter) => {
    const gateway = await startGateway();
    const response = await gateway.fetch(`${list}&${query}`, { headers: basic(gateway.emulator) });
    expect(response.status).toBe(400);
    const problem = await response.json();
    expect(problem.type).toBe('/problems/invalid-request');
    expect(problem.errors).toMatchObject([{ parameter }]);
    expect(gateway.emulator.calls.length).toBe(0);
  });

  test.each([
    ['text/html', 406],
    ['application/json;q=0', 406],
    ['application/json;q=0, */*;q=0', 406],
    ['*/*', 200],
    ['application/*', 200],
  ])('with Accept: %s gets %i', async (Accept, status) => {
    const gateway = await startGateway();
    const response = await gateway.fetch(list, { headers: { ...basic(gateway.emulator), Accept } });
    expect(response.status).toBe(status);
  });
});

describe('removal', () => {
  const path = '/recordings/0907065723240097';

  test.each([
    ['', 204, '1'],
    ['?delete_now=true', 204, '1'],
    ['?delete_now=1', 204, '1'],
    ['?delete_now=false', 202, '0'],
    ['?delete_now=0', 202, '0'],
  ])('with %s gets %i', async (query, status, delete_now) => {
    const gateway = await startGateway();
    const headers = basic(gateway.emulator);
    const response = await gateway.fetch(path + query, { method: 'DELETE', headers });
    expect(response.status).toBe(status);
    expect(await response.text()).toBe(status === 204 ? '' : '{"status":"scheduled"}');
    expect(gateway.emulator.calls).toMatchObject([
      { action: 'recording.remove', parameters: { delete_now } },
    ]);
  });

  test('is final: the recording is gone from the list, and for the next deletion', async () => {
    const gateway = await startGateway();
    const headers = basic(gateway.emulator);
    await gateway.fetch(path, { method: 'DELETE', headers });
    const { recordings } = await (
      await gateway.fetch('/recordings?type=recorded_calls&id=1234', { headers })
    ).json();
    expect(recordings).toEqual([]);
    expect((await gateway.fetch(path, { method: 'DELETE', headers })).status).toBe(404);
  });

  test.each(['?delete_now=maybe', '?delete_now=1&delete_now=0', '?delete_nwo=0'])(
    'rejects %s',
    async (query) => {
      const gateway = await startGateway();
      const response = await gateway.fetch(path + query, {
        method: 'DELETE',
        headers: basic(gateway.emulator),
      });
      expect(response.status).toBe(400);
      expect(gateway.emulator.calls.length).toBe(0);
    },
  );
});
