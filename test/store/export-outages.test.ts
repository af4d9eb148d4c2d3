/** Exports while the bucket is full, the legacy service is down for an hour, or the engine has given up. */
import { beforeEach, describe, expect, it } from 'vitest';
import { sleep } from '../../src/primitives/sleep.ts';
import { addRecordings, source, startExports } from '../support/export-client.ts';
import { createManualEngine } from '../support/manual-engine.ts';
import { clearStore, type StoreCall, stored, wrapStore } from '../support/test-store.ts';

beforeEach(clearStore);

const hourSeconds = 3600;
const isDownload = (call: URLSearchParams) => call.get('action') === 'recording.download';
/** Of the verification of keys. */
const isProbe = (call: URLSearchParams) => call.get('sid') === '9999999999999999';

/** The breaker's own pause, which is real; longer than the pauses between the attempts of a download. */
const circuitOpenMs = 1000;

describe('the legacy service down for an hour', () => {
  const always = () => true;
  const cases = [
    { name: '503', moment: 'the list', isHit: always, respond: () => new Response('busy', { status: 503 }) },
    {
      name: '429 and Retry-After',
      moment: 'the fifth download',
      isHit: isDownload,
      respond: () => new Response('', { status: 429, headers: { 'Retry-After': '120' } }),
    },
    {
      name: '500',
      moment: 'the fifth download',
      isHit: isDownload,
      respond: () => new Response('<html>oops</html>', { status: 500 }),
    },
  ];

  it.each(cases)('with $name from $moment on delays the export and fails no recording', async (given) => {
    const engine = createManualEngine();
    let isDown = false;
    let calls = 0;
    let downloads = 0;
    const gateway = await startExports({
      withExports: engine.createEngine,
      env: { EXPORT_RETRY_SECONDS: '600', LEGACY_CIRCUIT_OPEN_MS: String(circuitOpenMs) },
      answer(call) {
        if (isProbe(call)) return undefined;
        if (isDownload(call) && !isDown) downloads += 1;
        if (given.isHit === isDownload && downloads === 5) isDown = true;
        if (!isDown || !given.isHit(call)) return undefined;
        calls += 1;
        return given.respond();
      },
    });
    addRecordings(gateway, 30);
    const { id } = await gateway.create({ sources: [source], lanes: 2 });
    isDown = given.isHit !== isDownload;
    expect(await engine.run(hourSeconds)).toBeGreaterThan(hourSeconds);
    const waiting = await gateway.get(id);
    expect(waiting).toMatchObject({ status: 'waiting', progress: { failed: 0 } });
    expect(waiting.reason).toMatch(/^\/problems\/legacy-/);
    // Fewer than the three attempts of each recording: pauses and the open circuit save the rest.
    expect(calls).toBeLessThan(26 * 3);
    isDown = false;
    downloads = 100;
    await sleep(circuitOpenMs + 100);
    await engine.run();
    expect(await gateway.get(id)).toMatchObject({
      status: 'completed',
      reason: null,
      progress: { copied: 30, failed: 0 },
    });
  });
});

describe('a full bucket', () => {
  const full = Object.assign(new Error('no room'), { name: 'S3Error', status: 507, code: 'QuotaExceeded' });

  async function start(isRejected: (call: StoreCall) => boolean) {
    const engine = createManualEngine();
    const bucket = { hasRoom: true };
    const withStore = wrapStore(async (call) => {
      if (!bucket.hasRoom && isRejected(call)) throw full;
      return await call.run();
    });
    let downloads = 0;
    const gateway = await startExports({
      withStore,
      withExports: engine.createEngine,
      answer(call) {
        if (isDownload(call) && !isProbe(call)) downloads += 1;
        if (downloads === 5) bucket.hasRoom = false;
        return undefined;
      },
    });
    addRecordings(gateway, 12);
    const { id } = await gateway.create({ sources: [source], lanes: 1 });
    return {
      ...gateway,
      engine,
      id,
      makeRoom() {
        bucket.hasRoom = true;
        downloads = 100;
      },
      countDownloads: () => downloads - 100,
    };
  }

  it('for audio fails the export with the reason after five pauses; it can be resumed', async () => {
    const { engine, id, ...gateway } = await start(({ step }) =>
      ['writer.write', 'writer.close'].includes(step),
    );
    await engine.run(0);
    expect(await gateway.get(id)).toMatchObject({
      status: 'waiting',
      reason: '/problems/store-unavailable',
      progress: { copied: 4, failed: 0 },
    });
    await engine.run();
    expect(await gateway.get(id)).toMatchObject({
      status: 'failed',
      reason: '/problems/store-unavailable',
      progress: { copied: 4, failed: 0 },
    });
    const logged = gateway.log.filter(({ event }) => event === 'export-step-failed');
    expect(logged).toHaveLength(6);
    expect(logged[0]).toMatchObject({
      level: 'warn',
      export: id,
      error: 'S3Error 507 QuotaExceeded',
    });
    gateway.makeRoom();
    expect((await gateway.act(id, 'resume')).status).toBe(202);
    await engine.run();
    expect(await gateway.get(id)).toMatchObject({ status: 'completed', progress: { copied: 12 } });
    // The fifth again: its copy had no room.
    expect(gateway.countDownloads()).toBe(8);
    expect(await stored((await gateway.get(id)).prefix)).toHaveLength(12);
  });

  // The ledger tries for two seconds to write each state.
  it('for everything shows the reason, and the export goes on by itself when there is room', async () => {
    const { engine, id, ...gateway } = await start(({ step }) =>
      ['put', 'writer.write', 'writer.close'].includes(step),
    );
    await engine.run(0);
    expect(await gateway.get(id)).toMatchObject({ status: 'waiting', reason: '/problems/store-unavailable' });
    gateway.makeRoom();
    await engine.run();
    expect(await gateway.get(id)).toMatchObject({
      status: 'completed',
      reason: null,
      progress: { copied: 12, failed: 0 },
    });
    expect(gateway.countDownloads()).toBeLessThanOrEqual(9);
  });
});

describe('an engine that has given up', () => {
  it('fails the export, which can be resumed, and blocks no other export', async () => {
    const engine = createManualEngine();
    const gateway = await startExports({ withExports: engine.createEngine });
    addRecordings(gateway, 3);
    const { id } = await gateway.create({ sources: [source] });
    engine.giveUp();
    const other = await gateway.create({ sources: [{ type: 'queue', id: 78 }] });
    await engine.run();
    expect((await gateway.get(other.id)).status).toBe('completed');
    expect(await gateway.get(id)).toMatchObject({ status: 'failed', reason: '/problems/internal-error' });
    expect((await gateway.act(id, 'resume')).status).toBe(202);
    expect(await gateway.get(id)).toMatchObject({ status: 'queued', reason: null });
    await engine.run();
    expect(await gateway.get(id)).toMatchObject({ status: 'completed', progress: { copied: 3 } });
  });

  it('leaves an export that is paused or has ended as it is', async () => {
    const engine = createManualEngine();
    const gateway = await startExports({ withExports: engine.createEngine });
    const { id } = await gateway.create({ sources: [source] });
    await gateway.act(id, 'pause');
    engine.giveUp();
    expect((await gateway.get(id)).status).toBe('paused');
    await gateway.act(id, 'resume');
    await engine.run();
    engine.giveUp();
    expect((await gateway.get(id)).status).toBe('completed');
  });
});
