/** Walks of a list with a store: one list call after the first page, the same pages, and no page lost with a snapshot. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toLegacyRecording } from '../../src/legacy/list/recording.ts';
import type { RecordBatches } from '../../src/legacy/list/records.ts';
import { sleep } from '../../src/primitives/sleep.ts';
import { createListSnapshots } from '../../src/recordings/snapshots.ts';
import type { StoredBody } from '../../src/store/object-store.ts';
import { accountKeys } from '../emulator/seeds.ts';
import { createCanaries } from '../support/canaries.ts';
import { basic, startGateway } from '../support/harness.ts';
import { clearStore, type StoreStep, store, stored, wrapStore } from '../support/test-store.ts';
import {
  createHeldList,
  createWholeList,
  type ListedPage,
  listCalls,
  readPage,
  sidsOf,
  toListXml,
  toRecordingXml,
  walk,
  withCursor,
} from '../support/walks.ts';

beforeEach(clearStore);
afterEach(clearStore);

const path = '/recordings?type=powerdialer&id=1000&limit=100';
const short = '/recordings?type=findme&id=1&limit=10';

/** Without the claims. */
const snapshots = async () => (await stored('lists/')).filter((key) => !/\/(claim|deleted\/.*)$/.test(key));

const untilStored = (count: number) => expect.poll(snapshots).toHaveLength(count);

describe('a walk', () => {
  test('requests the list twice, and returns each recording once', async () => {
    const gateway = await startGateway({ withStore: true });
    const headers = basic(gateway.emulator);
    const pages = await walk(gateway, { headers, path });
    expect(pages.map(({ recordings }) => recordings.length)).toEqual(Array(10).fill(100));
    expect(listCalls(gateway)).toBe(2);
    const whole = await walk(await startGateway(), { headers, path });
    expect(pages.flatMap(({ recordings }) => recordings)).toEqual(
      whole.flatMap(({ recordings }) => recordings),
    );
  });

  test('stores nothing for its first page', async () => {
    const gateway = await startGateway({ withStore: true });
    await readPage(gateway, path, basic(gateway.emulator));
    expect(await stored()).toEqual([]);
  });

  test('sees one list, even while recordings are added', async () => {
    const gateway = await startGateway({ withStore: true });
    const account = gateway.emulator.account('page');
    const pages = await walk(gateway, {
      headers: basic(gateway.emulator),
      path,
      between(page) {
        if (page > 1) account.add('powerdialer', '1000', { sid: `new-${page}`, date: '2010-01-01 00:00:00' });
      },
    });
    const sids = pages.flatMap(sidsOf);
    expect(sids).toHaveLength(1000);
    expect(sids.filter((sid) => sid.startsWith('new-'))).toEqual([]);
  });

  test('omits a recording that was deleted after its snapshot', async () => {
    const gateway = await startGateway({ withStore: true });
    const headers = basic(gateway.emulator);
    const all = (await walk(gateway, { headers, path })).flatMap(sidsOf);
    const deleted = [all[450], all[451], all[999]];
    const pages = await walk(gateway, {
      headers,
      path,
      async between(page) {
        if (page !== 3) return;
        for (const sid of deleted) {
          const response = await gateway.fetch(`/recordings/${sid}`, { method: 'DELETE', headers });
          expect(response.status).toBe(204);
        }
      },
    });
    expect(pages.flatMap(sidsOf)).toEqual(all.filter((sid) => !deleted.includes(sid)));
    expect(listCalls(gateway)).toBe(4);
  });

  test('shares its snapshot with the walks that started before it, with any filter', async () => {
    const gateway = await startGateway({ withStore: true });
    const headers = basic(gateway.emulator);
    const filtered = `${path}&from=2023-12-31&to=2023-12-31`;
    const all = await readPage(gateway, path, headers);
    const some = await readPage(gateway, filtered, headers);
    const rest = await walk(gateway, { headers, path, cursor: all.next_cursor });
    const other = await walk(gateway, { headers, path: filtered, cursor: some.next_cursor });
    expect([all, ...rest].flatMap(sidsOf)).toHaveLength(1000);
    expect([some, ...other].flatMap(sidsOf)).toEqual([all, ...rest].flatMap(sidsOf));
    expect(listCalls(gateway)).toBe(3);
    expect(await snapshots()).toHaveLength(1);
  });

  test('uses no snapshot older than its first page', async () => {
    const gateway = await startGateway({ withStore: true });
    const headers = basic(gateway.emulator);
    await walk(gateway, { headers, path });
    gateway.emulator
      .account('page')
      .add('powerdialer', '1000', { sid: 'newest', date: '2030-01-01 00:00:00' });
    expect((await walk(gateway, { headers, path })).flatMap(sidsOf)).toContain('newest');
    expect(listCalls(gateway)).toBe(4);
  });

  test('has the warnings of its pages', async () => {
    const broken = '<recording><dnis>1</dnis></recording>';
    const odd = '<recording><sid>7&nbsp;7</sid><dnis>A&B é☃</dnis><minutes>1</minutes></recording>';
    const rows = Array.from({ length: 40 }, (_, at) => toRecordingXml(at));
    rows.splice(25, 0, broken, odd);
    rows.push(broken);
    const legacy = () => new Response(toListXml(rows), { headers: { 'Content-Type': 'text/xml' } });
    const gateway = await startGateway({ withStore: true, legacy });
    const plain = await startGateway({ legacy });
    const options = { headers: basic(gateway.emulator), path: short };
    const pages = await walk(gateway, options);
    await untilStored(1);
    const withoutCursors = (list: readonly ListedPage[]) =>
      list.map((page) => ({ ...page, next_cursor: page.next_cursor === null }));
    expect(withoutCursors(pages)).toEqual(withoutCursors(await walk(plain, options)));
    expect(pages[2]?.warnings).toHaveLength(3);
    expect(pages[4]?.warnings).toHaveLength(1);
  });
});

describe('a page that comes before the snapshot is complete', () => {
  /** A page waits for half of this time. */
  const start = async (responseMs = 60_000) => {
    const held = createHeldList(3000);
    let lists = 0;
    const steps: StoreStep[] = [];
    const gateway = await startGateway({
      withStore: wrapStore(({ step, run }) => {
        steps.push(step);
        return run();
      }),
      env: { LEGACY_ANSWER_TIMEOUT_MS: String(responseMs) },
      legacy() {
        lists += 1;
        return lists === 2 ? held.response : createWholeList(3000);
      },
    });
    const headers = basic(gateway.emulator);
    const first = await readPage(gateway, short, headers);
    const second = await readPage(gateway, withCursor(short, String(first.next_cursor)), headers);
    steps.length = 0;
    const third = readPage(gateway, withCursor(short, String(second.next_cursor)), headers);
    return { held, third, lists: () => lists, steps };
  };

  test('waits for it', async () => {
    const { held, third, lists } = await start();
    await sleep(100);
    held.end('go on');
    expect(sidsOf(await third)[0]).toBe('0000000000000020');
    expect(lists()).toBe(2);
  });

  test('does not ask the store meanwhile, if the same process writes it', async () => {
    const { held, third, steps } = await start();
    await sleep(100);
    const meanwhile = [...steps];
    held.end('go on');
    expect(sidsOf(await third)[0]).toBe('0000000000000020');
    expect(meanwhile.filter((step) => step === 'get' || step === 'head')).toEqual([]);
    expect(steps.filter((step) => step === 'get')).toHaveLength(1);
  });

  test('comes from the legacy service if the list breaks off, and nothing is stored', async () => {
    const { held, third, lists } = await start();
    held.end('break');
    expect(sidsOf(await third)[0]).toBe('0000000000000020');
    expect(lists()).toBe(3);
    await expect.poll(() => stored('lists/')).toEqual([]);
  });

  test("comes from the legacy service if the snapshot's writer has ended", async () => {
    const { third, lists } = await start(2000);
    expect(sidsOf(await third)[0]).toBe('0000000000000020');
    expect(lists()).toBe(3);
    expect(await snapshots()).toEqual([]);
  });
});

const lineFeed = 10;
const isStoredBody = (found: unknown): found is StoredBody =>
  typeof found === 'object' && found !== null && 'body' in found;

describe('a failing store', () => {
  const steps = ['head', 'get', 'put', 'list', 'writer.write', 'writer.close'] as const;
  const walkWith = async (isDown: (step: StoreStep, call: number) => boolean) => {
    const calls = new Map<StoreStep, number>();
    const failing = wrapStore(({ step, run }) => {
      calls.set(step, (calls.get(step) ?? 0) + 1);
      return isDown(step, calls.get(step) ?? 0) ? Promise.reject(new Error('down')) : run();
    });
    const gateway = await startGateway({ withStore: failing });
    const pages = await walk(gateway, { headers: basic(gateway.emulator), path });
    expect(new Set(pages.flatMap(sidsOf)).size).toBe(1000);
    expect(pages).toHaveLength(10);
    return gateway;
  };

  test.each(steps)('in each %s costs no page', async (broken) => {
    const gateway = await walkWith((step) => step === broken);
    const failures = () => gateway.log.filter(({ event }) => event === 'list-store-failed');
    await expect.poll(failures).not.toEqual([]);
    const requests = () =>
      gateway.log.filter(({ event }) => event === 'request').map((line) => line.request_id);
    for (const failure of failures()) {
      expect(failure).toMatchObject({ level: 'warn', error: 'Error' });
      await expect.poll(requests).toContain(failure.request_id);
    }
    if (broken !== 'list' && broken !== 'get') expect(await snapshots()).toEqual([]);
  });

  test.each([
    ['get', 1],
    // The second page needs no marks.
    ['list', 2],
  ] as const)('in a page by %s costs one more list', async (broken, calls) => {
    const gateway = await walkWith((step, call) => step === broken && call <= calls);
    expect(listCalls(gateway)).toBe(3);
  });

  test.each([
    ['in the middle', (bytes: Uint8Array) => bytes.subarray(0, bytes.length / 2)],
    ['at a line', (bytes: Uint8Array) => bytes.subarray(0, bytes.indexOf(lineFeed) + 1)],
    ['at its start', () => new Uint8Array()],
  ])('that cuts a snapshot %s costs no page', async (_, cut) => {
    const failing = wrapStore(async ({ step, run }) => {
      const found: unknown = await run();
      if (step !== 'get' || !isStoredBody(found)) return found;
      const bytes = new Uint8Array(await new Response(found.body).arrayBuffer());
      return { ...found, body: new Blob([cut(bytes).slice()]).stream() };
    });
    const gateway = await startGateway({ withStore: failing });
    const pages = await walk(gateway, { headers: basic(gateway.emulator), path });
    expect(new Set(pages.flatMap(sidsOf)).size).toBe(1000);
    expect(gateway.log.filter(({ event }) => event === 'list-store-failed')).not.toEqual([]);
  });

  test('in a deletion makes it a 503, which may be repeated', async () => {
    let isDown = false;
    const failing = wrapStore(({ step, args, run }) =>
      isDown && step === 'put' && String(args[0]).startsWith('lists/')
        ? Promise.reject(new Error('down'))
        : run(),
    );
    const gateway = await startGateway({ withStore: failing });
    const headers = basic(gateway.emulator);
    await walk(gateway, { headers, path });
    isDown = true;
    const init = { method: 'DELETE', headers };
    const [sid] = sidsOf(await readPage(gateway, path, headers));
    expect((await gateway.fetch(`/recordings/${sid}`, init)).status).toBe(503);
    isDown = false;
    expect((await gateway.fetch(`/recordings/${sid}`, init)).status).toBe(404);
    expect((await stored('lists/')).filter((key) => key.endsWith(`deleted/${sid}`))).toHaveLength(1);
  });
});

test('a snapshot serves for an hour, and no longer', async () => {
  let passedMs = 0;
  const background: Promise<unknown>[] = [];
  const snapshots = createListSnapshots({
    store,
    toLine: ({ sid }) => JSON.stringify({ sid, date: null }),
    form: '',
    waitUntil: (work) => background.push(work),
    onFailure: (cause) => expect(cause).toBeNull(),
    responseMs: 2000,
    now: () => Date.now() + passedMs,
  });
  const name = { requestId: 'request', accountId: 'account', list: { type: 'findme', id: '1' }, order: null };
  const reading = { limit: 10, signal: new AbortController().signal };
  async function* list(): RecordBatches {
    yield [toLegacyRecording({ sid: '1', dnis: null, number_connected: null, minutes: null, date: null })];
    return [];
  }
  const claim = await snapshots.claim(name, Date.now());
  if (!claim) throw new Error('the claim failed');
  for await (const batch of claim.tee(list()).batches) expect(batch).toHaveLength(1);
  await Promise.all(background);
  const place = { id: claim.id, offset: 0 };
  const isThere = async () => [
    (await snapshots.resume(name, place, reading)) !== null,
    (await snapshots.find(name, 0, reading)) !== null,
  ];
  passedMs = 59 * 60_000;
  expect(await isThere()).toEqual([true, true]);
  passedMs = 61 * 60_000;
  expect(await isThere()).toEqual([false, false]);
  // The next walk replaces it.
  expect(await snapshots.claim(name, Date.now() + passedMs)).not.toBeNull();
  await Promise.all(background);
  expect((await stored('lists/account/')).filter((key) => key.endsWith(claim.id))).toEqual([]);
});

test("a deletion of unknown outcome removes only its account's snapshots", async () => {
  const gateway = await startGateway({
    withStore: true,
    env: { LEGACY_METHOD: 'GET' },
    legacy: (request) =>
      new URL(request.url).searchParams.get('action') === 'recording.list'
        ? createWholeList(40)
        : new Response('<response', { status: 500 }),
  });
  const [page, north] = [basic(gateway.emulator), basic(gateway.emulator, 'north')];
  await walk(gateway, { headers: page, path: short });
  await walk(gateway, { headers: north, path: short });
  await untilStored(2);
  const response = await gateway.fetch('/recordings/0000000000000030', { method: 'DELETE', headers: page });
  expect(response.status).toBe(502);
  expect(await snapshots()).toHaveLength(1);
});

test('a deferred deletion leaves its recording in the walk', async () => {
  const gateway = await startGateway({ withStore: true });
  const headers = basic(gateway.emulator);
  const pages = await walk(gateway, {
    headers,
    path,
    async between(page) {
      if (page !== 2) return;
      const init = { method: 'DELETE', headers };
      expect((await gateway.fetch('/recordings/0901000000000500?delete_now=false', init)).status).toBe(202);
    },
  });
  expect(pages.flatMap(sidsOf)).toHaveLength(1000);
});

test('no stored object contains a key, and none is shared by two accounts', async () => {
  const gateway = await startGateway({ withStore: true });
  for (const { name } of accountKeys) {
    await walk(gateway, { headers: basic(gateway.emulator, name), path });
  }
  await untilStored(accountKeys.length);
  const canaries = createCanaries(
    Object.fromEntries(
      accountKeys.flatMap(({ name, accessKey, secretAccessKey }) => [
        [`${name}'s access key`, accessKey],
        [`${name}'s secret`, secretAccessKey],
      ]),
    ),
  );
  const keys = await stored();
  expect(new Set(keys.map((key) => key.split('/')[1])).size).toBe(accountKeys.length);
  for (const key of keys) {
    const object = await store.get(key);
    const body = new Uint8Array(await new Response(object?.body).arrayBuffer());
    expect(canaries.find(body)).toEqual([]);
    expect(canaries.find(JSON.stringify([key, object?.metadata]))).toEqual([]);
  }
});
