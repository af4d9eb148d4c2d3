/**
 * Exports on Cloudflare Workflows while a third of the responses fail, paused and resumed: nothing is missing, every
 * digest is right, and little is fetched twice. `EXPORT_PAUSE_RECORDINGS=10000 EXPORT_PAUSES=10` is the long version.
 */
import { env } from 'cloudflare:workers';
import { beforeEach, expect, it } from 'vitest';
import { toHex } from '../../src/primitives/hex.ts';
import { sleep } from '../../src/primitives/sleep.ts';
import { createAudio } from '../emulator/audio.ts';
import { addRecordings, source, startExports } from '../support/export-client.ts';
import { clearStore, store } from '../support/test-store.ts';

const size = env as { readonly EXPORT_PAUSE_RECORDINGS?: string; readonly EXPORT_PAUSES?: string };
const recordings = Number(size.EXPORT_PAUSE_RECORDINGS ?? 60);
const pauses = Number(size.EXPORT_PAUSES ?? 2);
const lanes = 4;
/** Recordings per step. */
const batch = 20;

/** Without those that ask for a pause, which an export keeps. */
const faults = [
  ...(['server-error', 'bad-gateway', 'html-page', 'empty-body'] as const),
  ...(['html-labelled-as-audio', 'cut-audio-with-length', 'few-bytes-of-audio'] as const),
];

const digest = async (bytes: BufferSource) => toHex(await crypto.subtle.digest('SHA-256', bytes));

beforeEach(clearStore);

it('an export survives pauses', { timeout: Math.max(60_000, recordings * 200) }, async () => {
  const gateway = await startExports();
  const { emulator } = gateway;
  const sids = addRecordings(gateway, recordings);
  const downloads = new Set<number>();
  /** By the number of the call, of which the emulator keeps the latest: a spoilt one fetched nothing. */
  const collect = () => {
    for (const { number, action, fault, parameters } of emulator.calls) {
      const isGood = action === 'recording.download' && fault === null && parameters.sid?.startsWith('0911');
      if (isGood) downloads.add(number);
    }
  };
  const until = async (
    id: string,
    isReached: (found: { status: string; progress: { copied: number } }) => boolean,
  ) => {
    for (;;) {
      const found = await gateway.get(id);
      collect();
      if (isReached(found)) return found;
      await sleep(50);
    }
  };
  // Slow enough to be paused before its end.
  const calls_per_minute = recordings > 1000 ? 60_000 : 600;
  const { id } = await gateway.create({ sources: [source], lanes, calls_per_minute });
  emulator.chaos({ probability: 1 / 3, names: faults, seed: 7 });
  let done = 0;
  for (let paused = 1; paused <= pauses; paused += 1) {
    const goal = Math.floor((recordings * paused) / (pauses + 1));
    await until(id, ({ status, progress }) => progress.copied >= goal || status === 'completed');
    if ((await gateway.act(id, 'pause')).status === 409) break;
    done += 1;
    // The keys are verified by a call that may fail as well.
    await expect.poll(async () => (await gateway.act(id, 'resume')).status, { timeout: 20_000 }).toBe(202);
  }
  expect(done).toBeGreaterThan(0);
  const ended = await until(id, ({ status }) => /^(completed|failed)/.test(status));
  emulator.clearFaults();
  expect(ended).toMatchObject({
    status: 'completed',
    progress: { listed: recordings, waiting: 0, failed: 0 },
  });
  const rows = await gateway.rows(id);
  expect(rows.map(({ sid }) => sid).sort()).toEqual(sids);
  for (const { sid, key, sha256 } of rows) {
    const content = await new Response((await store.get(key))?.body).arrayBuffer();
    const original = createAudio('wav', { seed: `page/${sid}`, rate: 8000, seconds: 1 }).slice();
    const expected = await digest(original);
    expect([sid, await digest(content), sha256]).toEqual([sid, expected, expected]);
  }
  const repeated = downloads.size - recordings;
  console.log(`${recordings} recordings, ${done} pauses: ${repeated} fetched twice`);
  // A run that is resumed overlaps with the last batch of the one before, at most.
  expect(repeated).toBeLessThanOrEqual(batch * pauses);
});
