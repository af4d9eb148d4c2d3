/** Exports by their API: which recordings are copied, skipped, failed and retried, on the engine of each runtime. */
import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../src/primitives/hex.ts';
import { createCanaries } from '../support/canaries.ts';
import { addRecordings, finalStatuses, source, startExports } from '../support/export-client.ts';
import { createManualEngine } from '../support/manual-engine.ts';
import { clearStore, store, stored } from '../support/test-store.ts';

const both = [source, { type: 'queue', id: 78 }];

beforeEach(clearStore);

async function sha256(key: string): Promise<string> {
  const content = await new Response((await store.get(key))?.body).arrayBuffer();
  return toHex(await crypto.subtle.digest('SHA-256', content));
}

const isDownload = (call: URLSearchParams) => call.get('action') === 'recording.download';
/** Of the verification of keys. */
const isProbe = (call: URLSearchParams) => call.get('sid') === '9999999999999999';

describe('an export', () => {
  it('copies every recording once, with its digest, and a second one copies none', async () => {
    const gateway = await startExports();
    addRecordings(gateway, 45);
    gateway.emulator.account('page').add('queue', '78', { sid: '0911000000000003', seconds: 1 });
    const { id } = await gateway.create({ sources: both });
    const done = await gateway.until(id, ...finalStatuses);
    expect(done).toMatchObject({
      status: 'completed',
      reason: null,
      progress: { listed: 46, copied: 45, skipped: 1, waiting: 0, failed: 0, bytes: 45 * 16_044 },
    });
    const rows = await gateway.rows(id);
    expect(rows).toHaveLength(46);
    expect(new Set(rows.map(({ key }) => key)).size).toBe(45);
    for (const { key, bytes, sha256: digest } of rows) {
      expect(key).toBe(`${done.prefix}findme/77/2019/02/20/${key.slice(-20)}`);
      expect([(await store.head(key))?.sizeBytes, await sha256(key)]).toEqual([bytes, digest]);
    }
    expect(await stored(done.prefix)).toHaveLength(45);

    const before = gateway.emulator.calls.length;
    const again = await gateway.create({ sources: both });
    expect((await gateway.until(again.id, ...finalStatuses)).progress).toMatchObject({
      copied: 0,
      skipped: 46,
    });
    expect(gateway.emulator.calls.slice(before).map(({ action }) => action)).toEqual([
      'recording.list',
      'recording.list',
    ]);
    expect(await gateway.rows(again.id)).toEqual(rows.map((row) => ({ ...row, outcome: 'skipped' })));
    const { exports } = await (await gateway.ask('/exports')).json();
    expect(exports.map((each: { id: string }) => each.id)).toEqual([again.id, id]);
  });

  it('sends its history by events, and the events after a known one', async () => {
    const gateway = await startExports();
    addRecordings(gateway, 3);
    const { id } = await gateway.create({ sources: [source] });
    const text = await (await gateway.ask(`/exports/${id}/events`)).text();
    const statuses = Array.from(
      text.matchAll(/event: status\ndata: (.*)/g),
      ([, data = '']) => JSON.parse(data).status,
    );
    expect(statuses).toEqual(['queued', 'running', 'completed']);
    const headers = {
      'Last-Event-ID': /id: (\d+)\nevent: status\ndata: [^\n]*"running"/.exec(text)?.[1] ?? '',
    };
    const rest = await (await gateway.ask(`/exports/${id}/events`, { headers })).text();
    expect(rest).toContain('"completed"');
    expect(rest).not.toContain('"queued"');
  });

  it('of an empty list completes with an empty manifest', async () => {
    const gateway = await startExports();
    const { id } = await gateway.create({ sources: [source] });
    expect((await gateway.until(id, ...finalStatuses)).status).toBe('completed');
    expect(await (await gateway.ask(`/exports/${id}/manifest`)).text()).toBe('');
    const csv = await gateway.ask(`/exports/${id}/manifest?format=csv`);
    expect(await csv.text()).toMatch(/^sid,type,id,outcome,[^\n]*legacy_date\r\n$/);
  });

  it('lists failures, and retries only those', async () => {
    let isBroken = true;
    const gateway = await startExports({
      answer(call) {
        const isSpoilt = isBroken && isDownload(call) && call.get('sid') === '0911000000000001';
        const xml =
          '<response><result>failed</result><result_description>File not found</result_description></response>';
        return isSpoilt
          ? new Response(xml, { status: 404, headers: { 'Content-Type': 'text/xml' } })
          : undefined;
      },
    });
    addRecordings(gateway, 3);
    const { id } = await gateway.create({ sources: [source] });
    const first = await gateway.until(id, ...finalStatuses);
    expect(first).toMatchObject({ status: 'completed_with_failures', progress: { copied: 2, failed: 1 } });
    expect(first.failures).toEqual([
      { sid: '0911000000000001', ...source, problem: '/problems/recording-not-found' },
    ]);
    const failed = await gateway.ask(`/exports/${id}/manifest?outcome=failed&format=csv`);
    expect((await failed.text()).split('\r\n')).toHaveLength(3);
    isBroken = false;
    const before = gateway.emulator.calls.length;
    expect((await gateway.act(id, 'retry')).status).toBe(202);
    const second = await gateway.until(id, 'completed');
    expect(second).toMatchObject({ failures: [], progress: { copied: 3, failed: 0 } });
    expect(
      gateway.emulator.calls.slice(before).filter(({ action }) => action !== 'recording.list'),
    ).toHaveLength(1);
  });

  it('takes text in place of audio, and audio that is cut, for failures, and leaves no file', async () => {
    const header =
      'RIFF\xff\xff\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0@\x1f\0\0@\x1f\0\0\x01\0\b\0data\xff\xff\0\0';
    const answers: Record<string, () => Response> = {
      '0911000000000000': () =>
        new Response('<html>busy</html>', { headers: { 'Content-Type': 'audio/wav' } }),
      '0911000000000001': () => new Response(`${header}${'x'.repeat(900)}`),
    };
    const gateway = await startExports({
      answer: (call) => (isDownload(call) ? answers[call.get('sid') ?? '']?.() : undefined),
    });
    addRecordings(gateway, 3);
    const { id } = await gateway.create({ sources: [source], lanes: 3 });
    const done = await gateway.until(id, ...finalStatuses);
    expect(done).toMatchObject({ status: 'completed_with_failures', progress: { copied: 1, failed: 2 } });
    const problem = '/problems/legacy-invalid-response';
    expect(done.failures.map((failure) => failure.problem)).toEqual([problem, problem]);
    expect(await stored(done.prefix)).toHaveLength(1);
  });

  it('waits for recordings that are still being processed', async () => {
    const gateway = await startExports();
    gateway.emulator
      .account('page')
      .add('findme', '77', { sid: '0911000000000009', seconds: 1, asksUntilReady: 2 });
    const { id } = await gateway.create({ sources: [source] });
    expect(await gateway.until(id, ...finalStatuses)).toMatchObject({
      status: 'completed',
      progress: { copied: 1 },
    });
  });

  it('is followed by 20 streams of a caller at a time', async () => {
    const gateway = await startExports({ withExports: createManualEngine().createEngine });
    const { id } = await gateway.create({ sources: [source] });
    const follow = () => gateway.ask(`/exports/${id}/events`);
    // A HEAD has no stream.
    for (let count = 0; count < 25; count += 1) {
      expect((await gateway.ask(`/exports/${id}/events`, { method: 'HEAD' })).status).toBe(200);
    }
    const streams = await Promise.all(Array.from({ length: 20 }, follow));
    expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200));
    const rejected = await follow();
    expect([rejected.status, rejected.headers.get('Retry-After'), (await rejected.json()).type]).toEqual([
      429,
      '5',
      '/problems/too-many-requests',
    ]);
    expect((await gateway.ask(`/exports/${id}`)).status).toBe(200);
    await streams[0]?.body?.cancel();
    const again = async () => {
      const response = await follow();
      await response.body?.cancel();
      return response.status;
    };
    await expect.poll(again, { timeout: 10_000 }).toBe(200);
    for (const { body } of streams.slice(1)) await body?.cancel();
  });

  it('fails when its keys are revoked, and continues with valid ones', async () => {
    let downloads = 0;
    let isRevoked = false;
    const gateway = await startExports({
      answer(call) {
        if (isDownload(call) && !isProbe(call)) {
          downloads += 1;
          if (downloads === 5) isRevoked = true;
        }
        const xml =
          '<response><result>failed</result><result_description>Invalid api_key</result_description></response>';
        return isRevoked
          ? new Response(xml, { status: 401, headers: { 'Content-Type': 'text/xml' } })
          : undefined;
      },
    });
    addRecordings(gateway, 30);
    const { id } = await gateway.create({ sources: [source], lanes: 1 });
    const failed = await gateway.until(id, ...finalStatuses);
    expect(failed).toMatchObject({ status: 'failed', reason: '/problems/legacy-credentials-rejected' });
    expect(failed.progress.copied).toBe(4);
    isRevoked = false;
    downloads = 5;
    expect((await gateway.act(id, 'resume')).status).toBe(202);
    expect(await gateway.until(id, 'completed')).toMatchObject({ progress: { copied: 30 } });
    expect(downloads).toBe(5 + 26);
  });

  it('survives an outage of the legacy service', async () => {
    let refusals = 0;
    const gateway = await startExports({
      answer(call) {
        const isDown = isDownload(call) && !isProbe(call) && refusals < 3;
        if (isDown) refusals += 1;
        return isDown ? new Response('busy', { status: 503, headers: { 'Retry-After': '1' } }) : undefined;
      },
    });
    addRecordings(gateway, 4);
    const { id } = await gateway.create({ sources: [source], lanes: 1 });
    expect(await gateway.until(id, ...finalStatuses)).toMatchObject({
      status: 'completed',
      progress: { copied: 4 },
    });
  });

  it('is one at a time, and the same under one Idempotency-Key', async () => {
    const gateway = await startExports();
    addRecordings(gateway, 40);
    const key = { 'Idempotency-Key': '"once"' };
    const slow = { sources: [source], calls_per_minute: 60, lanes: 1 };
    const [one, other] = await Promise.all([gateway.create(slow, key), gateway.create(slow, key)]);
    expect(other.id).toBe(one.id);
    const post = (body: object, headers = {}) =>
      gateway.ask('/exports', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
    const second = await post({ sources: [source] });
    expect([second.status, (await second.json()).detail]).toEqual([409, expect.stringContaining(one.id)]);
    const reused = await post({ sources: both }, key);
    expect([reused.status, (await reused.json()).type]).toEqual([422, '/problems/idempotency-key-reused']);

    expect((await gateway.act(one.id, 'pause')).status).toBe(202);
    expect((await gateway.act(one.id, 'pause')).status).toBe(202);
    expect((await gateway.get(one.id)).status).toBe('paused');
    const meanwhile = await gateway.create({ sources: [{ type: 'queue', id: 79 }] });
    await gateway.until(meanwhile.id, 'completed');
    expect((await gateway.act(one.id, 'resume')).status).toBe(202);
    await gateway.until(one.id, 'running');
    expect((await gateway.act(one.id, 'cancel')).status).toBe(202);
    expect((await gateway.get(one.id)).status).toBe('canceled');
    const refused = await gateway.act(one.id, 'resume');
    expect([refused.status, (await refused.json()).type]).toEqual([409, '/problems/export-conflict']);
  });

  it('deletes originals whose copy has the right digest, and no others', async () => {
    const gateway = await startExports();
    const sids = addRecordings(gateway, 5);
    gateway.emulator.account('page').generate('queue', '79', 60, { seconds: 1 });
    // Takes a minute, so it has not ended.
    const slow = { sources: [{ type: 'queue', id: 79 }], calls_per_minute: 60, lanes: 1 };
    const early = await gateway.create(slow);
    expect((await gateway.act(early.id, 'deletion')).status).toBe(409);
    expect((await gateway.act(early.id, 'cancel')).status).toBe(202);
    const { id } = await gateway.create({ sources: [source] });
    await gateway.until(id, 'completed');
    const rows = await gateway.rows(id);
    await store.put(rows[1]?.key ?? '', 'damaged');
    await store.delete([rows[2]?.key ?? '']);
    await gateway.act(id, 'deletion');
    await expect
      .poll(async () => (await gateway.get(id)).deletion?.status, { timeout: 20_000 })
      .not.toBe('running');
    expect((await gateway.get(id)).deletion).toMatchObject({
      status: 'completed_with_failures',
      deleted: 3,
      failed: 2,
    });
    const kept = sids.filter((sid) => gateway.emulator.account('page').find(sid) !== null);
    expect(kept.sort()).toEqual([rows[1]?.sid, rows[2]?.sid].sort());
  });

  it('shows no key in any object, event or log line', async () => {
    const gateway = await startExports();
    addRecordings(gateway, 2);
    const { id } = await gateway.create({ sources: [source], calls_per_minute: 60, lanes: 1 });
    await gateway.act(id, 'pause');
    const { accessKey, secretAccessKey } = gateway.emulator.account('page');
    const canaries = createCanaries({ accessKey, secretAccessKey });
    const look = async () => {
      for (const key of await stored('exports/')) {
        const text = await new Response((await store.get(key))?.body).text();
        expect([key, ...canaries.find(key + text)]).toEqual([key]);
      }
    };
    expect((await stored('exports/')).length).toBeGreaterThan(2);
    await look();
    await gateway.act(id, 'resume');
    const events = await (await gateway.ask(`/exports/${id}/events`)).text();
    expect(events).toContain('"completed"');
    await look();
    expect(canaries.find(events + JSON.stringify(gateway.log))).toEqual([]);
    const state = (await stored('exports/')).find((key) => key.endsWith('/state.json')) ?? '';
    expect(JSON.parse(await new Response((await store.get(state))?.body).text()).keys).toBeNull();
  });
});

describe('bad input', () => {
  const refusals: [string, object, string][] = [
    ['no source', { sources: [] }, '/sources'],
    [
      'two hundred sources',
      { sources: Array.from({ length: 200 }, (_, id) => ({ type: 'findme', id })) },
      '/sources',
    ],
    ['a source twice', { sources: [source, source] }, '/sources'],
    ['an unknown type', { sources: [{ type: 'nothing', id: 1 }] }, '/sources/0/type'],
    ['days in the wrong order', { sources: [source], from: '2020-01-02', to: '2020-01-01' }, '/from'],
    ['a pattern that escapes', { sources: [source], key_pattern: '../{sid}.{format}' }, '/key_pattern'],
    ['a pattern that collides', { sources: [source], key_pattern: '{type}.{format}' }, '/key_pattern'],
    ['an empty pattern', { sources: [source], key_pattern: '' }, '/key_pattern'],
    ['nine lanes', { sources: [source], lanes: 9 }, '/lanes'],
    ['an unknown member', { sources: [source], bucket: 'x' }, '/bucket'],
  ];

  it('is a 400 that names the member', async () => {
    const gateway = await startExports();
    for (const [title, body, pointer] of refusals) {
      const init = {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      };
      const response = await gateway.ask('/exports', init);
      const { errors } = await response.json();
      expect([title, response.status, errors?.[0]?.pointer]).toEqual([title, 400, pointer]);
      // Not the words of the schema's library.
      expect(errors?.[0]?.detail).not.toMatch(/expected|invalid input|too small/i);
    }
    expect(await stored('exports/')).toEqual([]);
  });

  it('is a 404 for the export of another account, and a 401 for wrong keys', async () => {
    const gateway = await startExports();
    const { id } = await gateway.create({ sources: [source] });
    const other = gateway.emulator.account('north');
    const north = { Authorization: `Basic ${btoa(`${other.accessKey}:${other.secretAccessKey}`)}` };
    const wrong = { Authorization: `Basic ${btoa('foofoofoo:wrong')}` };
    expect((await gateway.ask(`/exports/${id}`, { headers: north })).status).toBe(404);
    expect((await gateway.ask(`/exports/${id}`, { headers: wrong })).status).toBe(401);
    expect((await gateway.ask('/exports', { headers: wrong })).status).toBe(401);
  });

  it("is a 501 that names TOKEN_KEYS if callers' keys cannot be sealed", async () => {
    const gateway = await startExports({ env: { TOKEN_KEYS: '' } });
    const init = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ sources: [source] }),
    };
    const response = await gateway.ask('/exports', init);
    expect([response.status, (await response.json()).detail]).toEqual([
      501,
      expect.stringContaining('TOKEN_KEYS'),
    ]);
  });
});
