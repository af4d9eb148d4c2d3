/** Exports and deletions whose process dies at a call to the bucket: another process ends them, and nothing is lost. */
import { beforeEach, expect, it } from 'vitest';
import { toHex } from '../../src/primitives/hex.ts';
import { createEmulator, type Emulator } from '../emulator/emulator.ts';
import { addRecordings, type ExportClient, source, startExports } from '../support/export-client.ts';
import { createManualEngine } from '../support/manual-engine.ts';
import { clearStore, type StoreCall, store, wrapStore } from '../support/test-store.ts';

beforeEach(clearStore);

const count = 2;

/** Kills a process at one call: before the bucket has done its work, or before it responds. Bodies are whole or absent. */
function createMortal() {
  let left = Number.POSITIVE_INFINITY;
  let isDone = false;
  let calls = 0;
  const death = Promise.withResolvers<void>();
  const burial = Promise.withResolvers<never>();
  burial.promise.catch(() => {});
  const never = new Promise<never>(() => {});
  const around = async (call: StoreCall): Promise<unknown> => {
    if (call.step.startsWith('writer.')) return await call.run();
    calls += 1;
    left -= 1;
    if (left > 0) return await call.run();
    if (left < 0) return await never;
    // The body of a `get` would stay open.
    if (isDone && call.step !== 'get') await call.run();
    death.resolve();
    return await burial.promise;
  };
  return {
    withStore: wrapStore(around),
    calls: () => calls,
    dieAt(call: number, isBucketDone: boolean) {
      left = call;
      isDone = isBucketDone;
    },
    death: death.promise,
    /** Closes the files of the dead. */
    bury: () => burial.reject(new Error('dead')),
  };
}

async function start(emulator: Emulator) {
  const mortal = createMortal();
  const engine = createManualEngine();
  const options = { emulator, withStore: mortal.withStore, withExports: engine.createEngine };
  return { mortal, engine, client: await startExports(options) };
}

async function sha256(key: string): Promise<string> {
  const content = await new Response((await store.get(key))?.body).arrayBuffer();
  return toHex(await crypto.subtle.digest('SHA-256', content));
}

async function verify(client: ExportClient, id: string): Promise<void> {
  expect(await client.get(id)).toMatchObject({
    status: 'completed',
    progress: { listed: count, copied: count, skipped: 0, waiting: 0, failed: 0 },
  });
  const rows = await client.rows(id);
  expect(rows).toHaveLength(count);
  for (const { key, sha256: digest } of rows) expect(await sha256(key)).toBe(digest);
}

/** Kills a process at a call of the export, or of the deletion that follows, and lets another one go on. */
async function survive(phase: 'export' | 'deletion', call: number, isBucketDone: boolean): Promise<number> {
  await clearStore();
  const emulator = createEmulator();
  const { mortal, engine, client } = await start(emulator);
  addRecordings(client, count);
  const { id } = await client.create({ sources: [source], lanes: 1 });
  if (phase === 'deletion') {
    await engine.run();
    await client.act(id, 'deletion');
  }
  const before = mortal.calls();
  mortal.dieAt(call, isBucketDone);
  await Promise.race([engine.run(), mortal.death]);
  const calls = mortal.calls() - before;
  const second = await start(emulator);
  // A conflict if it had ended.
  const { status } = await second.client.act(id, 'resume');
  expect([call, status === 202 || status === 409]).toEqual([call, true]);
  if (status === 202) await second.engine.run();
  await verify(second.client, id);
  const fetched = emulator.calls.filter(
    ({ action, parameters }) => action === 'recording.download' && parameters.sid?.startsWith('0911'),
  );
  expect(fetched.length).toBeLessThanOrEqual(count + 1);
  if (phase === 'deletion') {
    expect((await second.client.get(id)).deletion).toMatchObject({
      status: 'completed',
      deleted: count,
      failed: 0,
    });
    expect(emulator.account('page').records('findme', '77')).toBeNull();
  }
  mortal.bury();
  return calls;
}

/** Some of its calls, since each process takes a second to start on a busy machine; all with `EXPORT_CRASH_STEP=1`. */
const step = Number(process.env.EXPORT_CRASH_STEP ?? 6);

it.each([
  { phase: 'export', first: 2 },
  { phase: 'deletion', first: 4 },
] as const)('goes on wherever its process dies: $phase', async ({ phase, first }) => {
  const total = await survive(phase, Number.POSITIVE_INFINITY, false);
  expect(total).toBeGreaterThan(15);
  for (let call = step === 1 ? 1 : first; call <= total; call += step) {
    await survive(phase, call, call % 4 < 2);
    if (step === 1) await survive(phase, call, call % 4 >= 2);
  }
});
