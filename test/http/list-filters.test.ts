/** Filters of a list by number and length, for pages and JSON lines, and exports that continue. */
import { describe, expect, test } from 'vitest';
import { basic, startGateway, type TestGateway } from '../support/harness.ts';
import { readPage, sidsOf, toListXml, walk, withCursor } from '../support/walks.ts';

const path = '/recordings?type=findme&id=1';

/** By sid: dnis, number_connected, minutes. */
const calls: Readonly<Record<string, readonly [string, string, string]>> = {
  a: ['8475551234', '3125551265', '0.9'],
  b: ['(847) 555-1234', '', '1.0'],
  c: ['3125551265', '+1 847.555.1234', '5.3'],
  d: ['18475551234', '3125550000', '10'],
  e: ['84755512345', 'anonymous', ''],
  f: ['', '', '-1'],
};

const xml = toListXml(
  Object.entries(calls).map(
    ([sid, [dnis, connected, minutes]]) =>
      `<recording><sid>${sid}</sid><dnis>${dnis}</dnis><number_connected>${connected}</number_connected><minutes>${minutes}</minutes></recording>`,
  ),
);

const start = () =>
  startGateway({ legacy: () => new Response(xml, { headers: { 'Content-Type': 'text/xml' } }) });

async function readLines(gateway: TestGateway, query: string) {
  const headers = { ...basic(gateway.emulator), Accept: 'application/x-ndjson' };
  const response = await gateway.fetch(path + query, { headers });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => String(JSON.parse(line).sid));
}

describe('a filter', () => {
  test.each([
    ['number=8475551234', 'abcd'],
    ['number=%2B18475551234', 'abcd'],
    ['number=+1+(847)+555-1234', 'abcd'],
    ['number=847.555.1234', 'abcd'],
    ['number=3125551265', 'ac'],
    ['number=84755512345', 'e'],
    ['number=5551234', ''],
    ['min_seconds=60', 'bcd'],
    ['max_seconds=60', 'ab'],
    ['max_seconds=0', ''],
    ['min_seconds=55&max_seconds=318', 'bc'],
    ['min_seconds=318&max_seconds=318', 'c'],
    ['number=3125551265&min_seconds=60', 'c'],
  ])('%s selects %s', async (query, sids) => {
    const gateway = await start();
    const headers = basic(gateway.emulator);
    const pages = await walk(gateway, { headers, path: `${path}&limit=2&${query}` });
    expect(pages.flatMap(sidsOf).join('')).toBe(sids);
    expect((await readLines(gateway, `&${query}`)).join('')).toBe(sids);
  });

  test.each([
    ['number='],
    ['number=anonymous'],
    ['number=%2B'],
    [`number=${'1'.repeat(40)}`],
    ['number=1&number=2'],
    ['min_seconds=-1'],
    ['min_seconds=1.5'],
    ['min_seconds=1e3'],
    ['min_seconds=61&max_seconds=60'],
    ['max_seconds=1000000000'],
    ['order=up'],
    ['order='],
    ['after=a'],
  ])('%s is rejected by name, without a legacy call', async (query) => {
    const gateway = await startGateway();
    const response = await gateway.fetch(`${path}&${query}`, { headers: basic(gateway.emulator) });
    const problem = await response.json();
    expect([response.status, problem.type]).toEqual([400, '/problems/invalid-request']);
    expect(problem.errors).toMatchObject([{ parameter: query.split('=')[0] }]);
    expect(gateway.emulator.calls.length).toBe(0);
  });

  test.each(['&number=3125551265', '&min_seconds=1', '&max_seconds=9999', '&from=2019-01-01', ''])(
    'rejects the cursor of another filter: %s',
    async (query) => {
      const gateway = await start();
      const headers = basic(gateway.emulator);
      const own = `${path}&limit=1&min_seconds=2`;
      const { next_cursor } = await readPage(gateway, own, headers);
      await readPage(gateway, withCursor(own, String(next_cursor)), headers);
      const other = withCursor(`${path}&limit=1${query}`, String(next_cursor));
      const response = await gateway.fetch(other, { headers });
      expect([response.status, (await response.json()).errors?.[0].parameter]).toEqual([400, 'cursor']);
    },
  );
});

test('an order needs a store', async () => {
  const gateway = await startGateway();
  const response = await gateway.fetch(`${path}&order=asc`, { headers: basic(gateway.emulator) });
  expect([response.status, (await response.json()).type]).toEqual([501, '/problems/order-not-configured']);
  expect(gateway.emulator.calls.length).toBe(0);
});

describe('an export', () => {
  test.each([
    ['&after=a', 'bcdef'],
    ['&after=e', 'f'],
    ['&after=f', ''],
    ['&after=a&min_seconds=60', 'bcd'],
    ['&after=e&min_seconds=60', ''],
  ])('%s continues with %s', async (query, sids) => {
    expect((await readLines(await start(), query)).join('')).toBe(sids);
  });

  test('continues at each of its lines', async () => {
    const gateway = await startGateway();
    const headers = { ...basic(gateway.emulator), Accept: 'application/x-ndjson' };
    const list = '/recordings?type=powerdialer&id=1000';
    const whole = await (await gateway.fetch(list, { headers })).text();
    for (const at of [0, 1, 499, 998, 999]) {
      const { sid } = JSON.parse(whole.split('\n')[at] ?? '');
      const rest = await (await gateway.fetch(`${list}&after=${sid}`, { headers })).text();
      expect(rest).toBe(
        whole
          .split('\n')
          .slice(at + 1)
          .join('\n'),
      );
    }
  });

  test.each([
    ['after=unknown', 'after'],
    ['after=', 'after'],
    ['limit=5', 'limit'],
  ])('%s is a 400 that names it', async (query, parameter) => {
    const gateway = await start();
    const headers = { ...basic(gateway.emulator), Accept: 'application/x-ndjson' };
    const response = await gateway.fetch(`${path}&${query}`, { headers });
    const problem = await response.json();
    expect([response.status, problem.errors?.[0].parameter]).toEqual([400, parameter]);
  });
});
