/** Pages on plain workerd, beside a Worker that only passes the legacy service's bytes on, and a typical one. */
import { serveR2 } from '../support/r2-server.ts';
import { startWorkerd } from '../support/workerd.ts';
import { bundlePeer } from './bundle-peer.ts';
import { measureInTurn } from './in-turn.ts';
import { loadLists } from './list-load.ts';
import { authorization, load } from './load.ts';
import { type Running, startProcess } from './processes.ts';
import type { Line, Row } from './row.ts';

const goals = new Map([
  [100, { ratio: 0.5 }],
  [1000, { ratio: 0.25, cpu: 3 }],
]);

export const workerdLists: Row = {
  name: 'workerd-lists',
  async measure() {
    const legacy = await startProcess('legacy.ts');
    const vars = {
      LEGACY_API_URL: `${legacy.url}/ibp_api.php`,
      LEGACY_METHOD: 'GET',
      LEGACY_TIME_ZONE: 'America/Chicago',
    };
    const contestants = {
      ours: await startWorkerd({ vars: { ...vars, RATE_LIMIT: '1000000000' }, logsToFile: true }),
      'pass-through Worker': await startWorkerd({ vars, script: await bundlePeer('pass-through-worker.ts') }),
      'Hono + fast-xml-parser': await startWorkerd({ vars, script: await bundlePeer('hono-worker.ts') }),
    };
    const store = await serveR2();
    const storing = await startWorkerd({
      vars: { ...vars, RATE_LIMIT: '1000000000' },
      store: store.address,
      logsToFile: true,
    });
    try {
      const lines: Line[] = [];
      for (const [count, goal] of goals) lines.push(...(await measurePage(contestants, count, goal)));
      const passing = contestants['pass-through Worker'];
      for (const limit of goals.keys()) lines.push(...(await measureStoredPage(storing, passing, limit)));
      return lines;
    } finally {
      for (const running of [...Object.values(contestants), storing, store, legacy]) await running.close();
    }
  },
};

type Contestants = Parameters<typeof loadLists<'ours' | 'pass-through Worker' | 'Hono + fast-xml-parser'>>[0];

async function measurePage(
  contestants: Contestants,
  count: number,
  goal: { ratio: number; cpu?: number },
): Promise<Line[]> {
  const measured = await loadLists(contestants, { id: count, limit: count, connections: 8 });
  const page = `page of ${count.toLocaleString('en-US')}, workerd`;
  const against = (name: 'pass-through Worker' | 'Hono + fast-xml-parser') => ({
    what: page,
    value: measured.rate('ours'),
    unit: 'lists/s',
    peer: { name, value: measured.rate(name) },
    ratio: measured.ratio('ours', name),
  });
  return [
    { ...against('pass-through Worker'), goal: { atLeast: goal.ratio } },
    against('Hono + fast-xml-parser'),
    {
      what: `${page}: CPU of the process`,
      value: measured.cpu('ours'),
      unit: 'ms',
      peer: { name: 'pass-through Worker', value: measured.cpu('pass-through Worker') },
      ...(goal.cpu !== undefined && { goal: { atMost: goal.cpu } }),
    },
  ];
}

const storedCount = 10_000;
const rounds = 5;

/** A page out of a snapshot, beside a list that has no more recordings than the page, and beside its own list. */
async function measureStoredPage(storing: Running, passing: Running, limit: number): Promise<Line[]> {
  const path = await findStoredPage(storing.url, limit);
  const list = (id: number) => `/recordings?type=powerdialer&id=${id}`;
  const rateOf = async ({ url, pid }: Running, asked: string) =>
    (await load({ url: url + asked, pid, connections: 8, seconds: 1 })).rate;
  const measured = await measureInTurn(
    {
      ours: () => rateOf(storing, path),
      short: () => rateOf(passing, list(limit)),
      whole: () => rateOf(passing, list(storedCount)),
    },
    rounds,
  );
  const beside = (peer: 'short' | 'whole', name: string) => ({
    what: `page of ${limit.toLocaleString('en-US')} from a snapshot, workerd`,
    value: measured.median('ours'),
    unit: 'pages/s',
    peer: { name, value: measured.median(peer) },
    ratio: measured.ratio('ours', peer),
  });
  return [
    { ...beside('short', 'pass-through Worker, a list of the length of the page'), goal: { atLeast: 1 } },
    beside('whole', `pass-through Worker, the list of ${storedCount.toLocaleString('en-US')}`),
  ];
}

/** The path of the fourth page: the snapshot is complete when it arrives. */
async function findStoredPage(origin: string, limit: number): Promise<string> {
  let path = `/recordings?type=powerdialer&id=${storedCount}&limit=${limit}`;
  for (let page = 1; page <= 3; page += 1) {
    const response = await fetch(origin + path, { headers: { authorization } });
    await response.text();
    path = /^<([^>]+)>/.exec(response.headers.get('link') ?? '')?.[1] ?? '';
    if (response.status !== 200 || path === '')
      throw new Error(`${origin}: page ${page} is ${response.status}`);
  }
  return path;
}
