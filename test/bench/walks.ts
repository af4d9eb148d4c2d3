/** Walks of long lists by pages with a store, beside one export of the same list. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveR2 } from '../support/r2-server.ts';
import { findS3Server, startS3Server, toS3Variables } from '../support/s3-server.ts';
import { startWorkerd } from '../support/workerd.ts';
import { authorization } from './load.ts';
import { startProcess } from './processes.ts';
import type { Line, Row, Skipped } from './row.ts';
import { startWalkLegacy, type WalkLegacy } from './walk-legacy.ts';

const walks = [
  { count: 10_000, limit: 100 },
  { count: 100_000, limit: 1000 },
];

const rounds = 3;

/** The time that a PHP server may take before it starts to send a list. */
const slowPauseMs = 300;

export const walkRow: Row = {
  name: 'walks',
  async measure() {
    const legacy = await startWalkLegacy(walks.map(({ count }) => count));
    const vars = {
      LEGACY_API_URL: `${legacy.url}/ibp_api.php`,
      LEGACY_TIME_ZONE: 'America/Chicago',
      LEGACY_METHOD: 'GET',
      RATE_LIMIT: '1000000000',
    };
    const lines: (Line | Skipped)[] = [];
    try {
      for (const [name, start] of Object.entries(gateways)) {
        const gateway = await start(vars);
        try {
          if (gateway)
            for (const walk of walks)
              lines.push(...(await measureWalk(name, gateway.url, { ...walk, legacy })));
          else lines.push({ what: `walks, ${name}`, skipped: 'there is no S3 server' });
        } finally {
          await gateway?.close();
        }
      }
      return lines;
    } finally {
      legacy.close();
    }
  },
};

interface Gateway {
  readonly url: string;
  close(): Promise<void>;
}

type Vars = Readonly<Record<string, string>>;

const gateways: Readonly<Record<string, (vars: Vars) => Promise<Gateway | null>>> = {
  async 'Node, folder'(vars) {
    const directory = await mkdtemp(join(tmpdir(), 'walks-'));
    const gateway = await startProcess('../../src/node/main.ts', {
      env: { ...vars, STORE: `file:${directory}` },
    });
    return withStore(gateway, () => rm(directory, { recursive: true }));
  },
  async 'Node, S3'(vars) {
    const program = findS3Server();
    if (!program) return null;
    const { config, close } = await startS3Server(program);
    const env = toS3Variables(config, 'walks/');
    const gateway = await startProcess('../../src/node/main.ts', { env: { ...vars, ...env } });
    return withStore(gateway, close);
  },
  async 'workerd, R2'(vars) {
    const store = await serveR2();
    return withStore(await startWorkerd({ vars, store: store.address, logsToFile: true }), store.close);
  },
};

function withStore({ url, close }: Gateway, closeStore: () => Promise<void>): Gateway {
  return {
    url,
    async close() {
      await close();
      await closeStore();
    },
  };
}

interface Walk {
  readonly count: number;
  readonly limit: number;
  readonly legacy: WalkLegacy;
}

async function measureWalk(name: string, url: string, walk: Walk): Promise<Line[]> {
  const { count, limit, legacy } = walk;
  const fast = await measureTimes(name, url, { ...walk, rounds });
  legacy.setPauseMs(slowPauseMs);
  const slow = await measureTimes(name, url, { ...walk, rounds: 1 }).finally(() => legacy.setPauseMs(0));
  const what = `walk of ${count.toLocaleString('en-US')} by ${limit.toLocaleString('en-US')}, ${name}`;
  const beside = (peer: string, value: number, other: number) => ({
    value,
    unit: 'ms',
    peer: { name: peer, value: other },
    ratio: value / other,
  });
  return [
    { what, ...beside('one export', fast.walk, fast.export), goal: { atMost: 3 } },
    { what, ...beside(`${count / limit} requests of /health`, fast.walk, fast.health) },
    {
      what: `${what}, with lists that start after ${slowPauseMs} ms`,
      ...beside('one export', slow.walk, slow.export),
      goal: { atMost: 3 },
    },
    {
      what: `${what}: list calls`,
      value: Math.max(fast.lists, slow.lists),
      unit: 'calls',
      goal: { atMost: 3 },
    },
  ];
}

/** The best of several rounds in turn, in milliseconds. */
async function measureTimes(
  name: string,
  url: string,
  { count, limit, legacy, rounds: counted }: Walk & { readonly rounds: number },
) {
  const list = `/recordings?type=powerdialer&id=${count}`;
  const best = {
    walk: Number.POSITIVE_INFINITY,
    export: Number.POSITIVE_INFINITY,
    health: Number.POSITIVE_INFINITY,
  };
  let lists = 0;
  for (let round = 0; round <= counted; round += 1) {
    const exported = await timed(() => readExport(url + list));
    const before = legacy.lists();
    const walked = await timed(() => readWalk(url, `${list}&limit=${limit}`));
    if (walked.value !== count || exported.value !== count) {
      throw new Error(`${name}: ${walked.value} and ${exported.value} of ${count} recordings`);
    }
    lists = Math.max(lists, legacy.lists() - before);
    const healthy = await timed(() => readHealth(url, count / limit));
    // The first round warms up.
    if (round === 0) continue;
    best.export = Math.min(best.export, exported.ms);
    best.walk = Math.min(best.walk, walked.ms);
    best.health = Math.min(best.health, healthy.ms);
  }
  return { ...best, lists };
}

async function timed<Value>(work: () => Promise<Value>) {
  const startedAt = performance.now();
  return { value: await work(), ms: performance.now() - startedAt };
}

/** Returns how many different recordings there are. Throws for a recording that comes twice. */
async function readWalk(origin: string, first: string): Promise<number> {
  const sids = new Set<string>();
  let count = 0;
  for (let path: string | undefined = first; path !== undefined; ) {
    const response: Response = await fetch(origin + path, { headers: { authorization } });
    const text = await response.text();
    if (response.status !== 200) throw new Error(text);
    for (const [, sid = ''] of text.matchAll(/"sid":"([^"]*)"/g)) {
      sids.add(sid);
      count += 1;
    }
    path = /^<([^>]+)>/.exec(response.headers.get('link') ?? '')?.[1];
  }
  if (sids.size !== count) throw new Error(`${count - sids.size} recordings came twice`);
  return count;
}

async function readExport(url: string): Promise<number> {
  const response = await fetch(url, { headers: { authorization, accept: 'application/x-ndjson' } });
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  return text.split('\n').length - 1;
}

/** The floor of a walk: as many requests, one after another, that do nothing. */
async function readHealth(origin: string, requests: number): Promise<void> {
  for (let request = 0; request < requests; request += 1) {
    const response = await fetch(`${origin}/health`);
    await response.text();
    if (response.status !== 200) throw new Error(`/health: ${response.status}`);
  }
}
