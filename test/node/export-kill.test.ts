/**
 * Exports while the gateway's processes are killed: nothing is missing, every digest is right, and little is fetched twice.
 * `EXPORT_KILL_RECORDINGS=10000 EXPORT_KILLS=10` makes it the long version, in which a third of the responses fail.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createFolderStore } from '../../src/node/folder-store.ts';
import { createAudio } from '../emulator/audio.ts';
import { createEmulator } from '../emulator/emulator.ts';
import { serveEmulator } from '../emulator/server.ts';
import { createCanaries } from '../support/canaries.ts';
import { dumpPostgres, dumpSqlite } from '../support/engine-tables.ts';
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts';
import { basic } from '../support/harness.ts';
import { findPostgres, startPostgres } from '../support/postgres-server.ts';
import { listKeys } from '../support/test-store.ts';
import { tokenEnv } from '../support/token-client.ts';

const recordings = Number(process.env.EXPORT_KILL_RECORDINGS ?? 200);
const kills = Number(process.env.EXPORT_KILLS ?? 3);
const lanes = Number(process.env.EXPORT_LANES ?? 2);

/** Without those that ask for a pause, which an export keeps. */
const faults = [
  ...(['server-error', 'bad-gateway', 'html-page', 'empty-body'] as const),
  ...(['html-labelled-as-audio', 'cut-audio-with-length', 'few-bytes-of-audio'] as const),
];

async function setUp(count: number) {
  const emulator = createEmulator();
  const account = emulator.account('page');
  const sids = Array.from({ length: count }, (_, index) => `0911${String(index).padStart(12, '0')}`);
  for (const sid of sids) account.add('findme', '77', { sid, seconds: 1 });
  const legacy = await serveEmulator(emulator);
  const directory = await mkdtemp(join(tmpdir(), 'exports-'));
  const running = new Set<GatewayProcess>();
  const downloads = new Set<number>();
  onTestFinished(async () => {
    clearInterval(collecting);
    for (const gateway of running) await gateway.stop('SIGKILL');
    await legacy.close();
    await rm(directory, { recursive: true, force: true });
  });
  const environment = {
    ...tokenEnv,
    LEGACY_API_URL: legacy.url,
    LEGACY_CIRCUIT_OPEN_MS: '100',
    STORE: `file:${directory}`,
    EXPORT_RETRY_SECONDS: '1',
  };

  async function start(more: Record<string, string> = {}): Promise<GatewayProcess> {
    const gateway = await startProcess({ ...environment, ...more });
    running.add(gateway);
    return gateway;
  }

  async function kill(gateway: GatewayProcess): Promise<void> {
    running.delete(gateway);
    await gateway.stop('SIGKILL');
  }

  async function ask(gateway: GatewayProcess, path: string, init: RequestInit = {}) {
    const headers = { ...basic(emulator), 'Content-Type': 'application/json' };
    return await fetch(gateway.url + path, { ...init, headers });
  }

  async function until(
    gateway: GatewayProcess,
    id: string,
    isReached: (found: { status: string; progress: { copied: number } }) => boolean,
  ) {
    for (;;) {
      const found = await (await ask(gateway, `/exports/${id}`)).json();
      if (isReached(found)) return found;
      await sleep(50);
    }
  }

  /** Good downloads by the number of the call, of which the emulator keeps the latest: a spoilt one fetched nothing. */
  function collect(): void {
    for (const { number, action, fault, parameters } of emulator.calls) {
      const isGood = action === 'recording.download' && fault === null && parameters.sid?.startsWith('0911');
      if (isGood) downloads.add(number);
    }
  }
  const collecting = setInterval(collect, 1000);

  function countDownloads(): number {
    collect();
    return downloads.size;
  }

  async function verify(gateway: GatewayProcess, id: string, postgresUrl?: string): Promise<void> {
    const text = await (await ask(gateway, `/exports/${id}/manifest`)).text();
    const rows = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map(({ sid }) => sid).sort()).toEqual(sids);
    const store = createFolderStore({ directory });
    onTestFinished(store.close);
    const { accessKey, secretAccessKey } = account;
    const canaries = createCanaries({ accessKey, secretAccessKey });
    for (const { sid, key, sha256 } of rows) {
      const content = new Uint8Array(await new Response((await store.get(key))?.body).arrayBuffer());
      const original = createAudio('wav', { seed: `page/${sid}`, rate: 8000, seconds: 1 }).slice();
      const [actual, expected] = [content, original].map((bytes) =>
        createHash('sha256').update(bytes).digest('hex'),
      );
      expect([sid, actual, sha256]).toEqual([sid, expected, expected]);
    }
    const objects = (await listKeys(store, 'exports/')).filter((key) => /(?:json|csv)$/.test(key));
    for (const key of objects.slice(-50)) {
      expect([key, canaries.find(await new Response((await store.get(key))?.body).text())]).toEqual([
        key,
        [],
      ]);
    }
    expect(canaries.find(gateway.lines.join('\n'))).toEqual([]);
    const tables = postgresUrl
      ? await dumpPostgres(postgresUrl)
      : dumpSqlite(join(directory, 'workflows.sqlite'));
    expect(tables).toContain(id);
    expect(canaries.find(tables)).toEqual([]);
  }

  return { emulator, start, kill, ask, until, verify, countDownloads };
}

const body = (count: number) =>
  JSON.stringify({ sources: [{ type: 'findme', id: 77 }], calls_per_minute: 60_000, lanes: count });

// Each kill costs the start of a process.
test('an export survives kill -9', { timeout: Math.max(120_000, recordings * 300) }, async () => {
  const { emulator, start, kill, ask, until, verify, countDownloads } = await setUp(recordings);
  let gateway = await start();
  const created = await ask(gateway, '/exports', { method: 'POST', body: body(lanes) });
  expect(created.status).toBe(202);
  const { id } = await created.json();
  emulator.chaos({ probability: 1 / 3, names: faults, seed: 7 });
  for (let killed = 1; killed <= kills; killed += 1) {
    const goal = Math.floor((recordings * killed) / (kills + 1));
    await until(gateway, id, ({ status, progress }) => progress.copied >= goal || status === 'completed');
    await sleep(20);
    await kill(gateway);
    gateway = await start();
    // The lease of the killed process ends after 30 s; this does not wait for it.
    for (;;) {
      const { status } = await ask(gateway, `/exports/${id}/resume`, { method: 'POST' });
      if (status === 202 || status === 409) break;
      await sleep(200);
    }
  }
  const done = await until(gateway, id, ({ status }) => /^(completed|failed)/.test(status));
  emulator.clearFaults();
  expect(done).toMatchObject({
    status: 'completed',
    progress: { listed: recordings, waiting: 0, failed: 0 },
  });
  await verify(gateway, id);
  const repeated = countDownloads() - recordings;
  console.log(`${recordings} recordings, ${kills} kills: ${repeated} fetched twice`);
  // At most the lanes of each kill.
  expect(repeated).toBeLessThanOrEqual(lanes * kills);
});

const postgres = findPostgres();

// The lease of the killed process has to end, which takes 30 s.
test.runIf(postgres)(
  'two processes share an export on one Postgres, and one may die',
  { timeout: 120_000 },
  async () => {
    const database = await startPostgres(postgres ?? '');
    onTestFinished(database.close);
    const { start, kill, ask, until, verify, countDownloads } = await setUp(60);
    const variables = { WORKFLOW_DATABASE_URL: database.url };
    const [one, other] = [await start(variables), await start(variables)];
    const created = await ask(one, '/exports', {
      method: 'POST',
      body: JSON.stringify({ ...JSON.parse(body(1)), calls_per_minute: 600 }),
    });
    const { id } = await created.json();
    await until(other, id, ({ progress }) => progress.copied >= 20);
    // The one that has the export logs its status.
    const [busy, idle] = one.lines.some((line) => line.includes('"running"')) ? [one, other] : [other, one];
    await kill(busy);
    const done = await until(idle, id, ({ status }) => /^(completed|failed)/.test(status));
    expect(done).toMatchObject({ status: 'completed', progress: { listed: 60, copied: 60 } });
    await verify(idle, id, database.url);
    expect(countDownloads() - 60).toBeLessThanOrEqual(1);
  },
);
