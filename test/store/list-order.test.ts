/** Lists by date, and single recordings, from snapshots. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { basic, startGateway } from '../support/harness.ts';
import { clearStore, stored, wrapStore } from '../support/test-store.ts';
import { listCalls, readPage, sidsOf, toListXml, toRecordingXml, walk } from '../support/walks.ts';

beforeEach(clearStore);
afterEach(clearStore);

const powerdialer = '/recordings?type=powerdialer&id=1000&limit=100';

describe('an order', () => {
  const dates: readonly (readonly [string, string])[] = [
    ['c', '2019-03-01 00:00:00'],
    ['none', ''],
    ['a', '2019-01-01 00:00:00'],
    ['b1', '2019-02-01 00:00:00'],
    ['odd', '2/1/2019 00:00:00'],
    ['b2', '2019-02-01 00:00:00'],
  ];
  const xml = toListXml(
    dates.map(([sid, date]) => `<recording><sid>${sid}</sid><date>${date}</date></recording>`),
  );
  const legacy = () => new Response(xml, { headers: { 'Content-Type': 'text/xml' } });

  test.each([
    ['asc', 'a b1 b2 c none odd'],
    ['desc', 'c b1 b2 a none odd'],
  ])('%s is by date, with invalid dates at the end', async (order, sids) => {
    const gateway = await startGateway({ withStore: true, legacy });
    const headers = basic(gateway.emulator);
    for (const limit of [1, 2, 6]) {
      const path = `/recordings?type=findme&id=1&order=${order}&limit=${limit}`;
      expect((await walk(gateway, { headers, path })).flatMap(sidsOf).join(' ')).toBe(sids);
    }
    const lines = await gateway.fetch(`/recordings?type=findme&id=1&order=${order}&after=b1`, {
      headers: { ...headers, Accept: 'application/x-ndjson' },
    });
    const rest = (await lines.text()).trimEnd().split('\n');
    expect(rest.map((line) => JSON.parse(line).sid).join(' ')).toBe(sids.split('b1 ')[1]);
    await expect.poll(() => stored('lists/')).toHaveLength(4);
  });

  test('requests the list once, and shows the list of its first page', async () => {
    const gateway = await startGateway({ withStore: true });
    const headers = basic(gateway.emulator);
    const plain = (await walk(gateway, { headers, path: powerdialer })).flatMap(sidsOf);
    const before = listCalls(gateway);
    const pages = await walk(gateway, { headers, path: `${powerdialer}&order=asc` });
    expect(pages.flatMap(sidsOf)).toEqual(plain.reverse());
    expect(listCalls(gateway) - before).toBe(1);
  });

  test('works if the store keeps nothing', async () => {
    const failing = wrapStore(() => Promise.reject(new Error('down')));
    const gateway = await startGateway({ withStore: failing, legacy });
    const path = '/recordings?type=findme&id=1&order=desc&limit=2';
    const pages = await walk(gateway, { headers: basic(gateway.emulator), path });
    expect(pages.flatMap(sidsOf).join(' ')).toBe('c b1 b2 a none odd');
  });

  test('rejects a cursor of another order', async () => {
    const gateway = await startGateway({ withStore: true, legacy });
    const headers = basic(gateway.emulator);
    const { next_cursor } = await readPage(
      gateway,
      '/recordings?type=findme&id=1&order=asc&limit=2',
      headers,
    );
    for (const order of ['', '&order=desc']) {
      const path = `/recordings?type=findme&id=1&limit=2${order}&cursor=${next_cursor}`;
      const response = await gateway.fetch(path, { headers });
      expect([response.status, (await response.json()).errors?.[0].parameter]).toEqual([400, 'cursor']);
    }
    await expect.poll(() => stored('lists/')).toHaveLength(2);
  });
});

describe('one recording', () => {
  const path = (sid: string) => `/recordings/${sid}?type=findme&id=1`;
  const start = async () => {
    let calls = 0;
    const rows = Array.from({ length: 40 }, (_, at) => toRecordingXml(at));
    const gateway = await startGateway({
      withStore: true,
      env: { LEGACY_METHOD: 'GET' },
      legacy(request) {
        if (new URL(request.url).searchParams.get('action') !== 'recording.list')
          return new Response(toListXml([]));
        calls += 1;
        return new Response(toListXml(rows), { headers: { 'Content-Type': 'text/xml' } });
      },
    });
    const headers = basic(gateway.emulator);
    await walk(gateway, { headers, path: '/recordings?type=findme&id=1&limit=10' });
    await expect.poll(() => stored('lists/')).toHaveLength(2);
    const before = calls;
    return { gateway, headers, rows, lists: () => calls - before };
  };

  test('comes from a snapshot', async () => {
    const { gateway, headers, lists } = await start();
    const response = await gateway.fetch(path('0000000000000027'), { headers });
    expect(await response.json()).toMatchObject({ sid: '0000000000000027', minutes: 5.3 });
    expect(lists()).toBe(0);
  });

  test('that is newer than the snapshot comes from the legacy service', async () => {
    const { gateway, headers, rows, lists } = await start();
    rows.push(toRecordingXml(99));
    expect((await gateway.fetch(path('0000000000000099'), { headers })).status).toBe(200);
    expect((await gateway.fetch(path('0000000000000098'), { headers })).status).toBe(404);
    expect(lists()).toBe(2);
  });

  test('that was deleted since then is a 404', async () => {
    const { gateway, headers, rows } = await start();
    const init = { method: 'DELETE', headers };
    expect((await gateway.fetch('/recordings/0000000000000027', init)).status).toBe(204);
    rows.splice(27, 1);
    expect((await gateway.fetch(path('0000000000000027'), { headers })).status).toBe(404);
  });

  test('of a snapshot of another account is not found', async () => {
    const { gateway, rows } = await start();
    rows.splice(0);
    const headers = basic(gateway.emulator, 'north');
    expect((await gateway.fetch(path('0000000000000027'), { headers })).status).toBe(404);
  });
});
