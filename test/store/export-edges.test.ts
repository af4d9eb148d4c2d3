/** Exports at their edges: keys that are rotated midway, two that start at once, and a list of several chunks. */
import { beforeEach, expect, it } from 'vitest';
import { addRecordings, source, startExports } from '../support/export-client.ts';
import { basic } from '../support/harness.ts';
import { createManualEngine } from '../support/manual-engine.ts';
import { clearStore } from '../support/test-store.ts';
import { bearer, issueToken } from '../support/token-client.ts';

beforeEach(clearStore);

const isDownload = (call: URLSearchParams) => call.get('action') === 'recording.download';

it('fails when its keys are rotated, and continues with the new keys of the account only', async () => {
  const engine = createManualEngine();
  let downloads = 0;
  const gateway = await startExports({
    withExports: engine.createEngine,
    answer(call) {
      // The first call verifies the keys.
      if (isDownload(call)) downloads += 1;
      if (downloads === 6) Object.assign(account, { secretAccessKey: 'rotated midway' });
      return undefined;
    },
  });
  const { emulator } = gateway;
  const account = emulator.account('page');
  addRecordings(gateway, 30);
  const { id } = await gateway.create({ sources: [source], lanes: 1 });
  await engine.run();
  expect((await gateway.ask(`/exports/${id}`, { headers: basic(emulator) })).status).toBe(200);
  const get = async () => await (await gateway.ask(`/exports/${id}`, { headers: basic(emulator) })).json();
  expect(await get()).toMatchObject({
    status: 'failed',
    reason: '/problems/legacy-credentials-rejected',
    progress: { copied: 4, failed: 0 },
  });
  const resume = async (headers: HeadersInit) =>
    (await gateway.ask(`/exports/${id}/resume`, { method: 'POST', headers })).status;
  // Without headers of its own, the client sends the old keys.
  expect([await resume({}), await resume(basic(emulator, 'north'))]).toEqual([401, 404]);
  expect(await resume(basic(emulator))).toBe(202);
  await engine.run();
  expect(await get()).toMatchObject({
    status: 'completed',
    reason: null,
    progress: { copied: 30, failed: 0 },
  });
});

it('is hidden from revoked keys, and shown to accepted ones while the legacy service is down', async () => {
  const engine = createManualEngine();
  let isDown = false;
  const gateway = await startExports({
    withExports: engine.createEngine,
    env: { AUDIO_STORE_CONFIRM_SECONDS: '0' },
    answer: () => (isDown ? new Response('', { status: 503 }) : undefined),
  });
  addRecordings(gateway, 1);
  const { id } = await gateway.create({ sources: [source] });
  await engine.run();
  const paths = [`/exports/${id}`, '/exports', `/exports/${id}/manifest`, `/exports/${id}/events`];
  const ask = async () => {
    const responses = await Promise.all(paths.map((path) => gateway.ask(path)));
    await Promise.all(responses.map((response) => response.arrayBuffer()));
    return responses.map(({ status }) => status);
  };
  expect(await ask()).toEqual([200, 200, 200, 200]);
  isDown = true;
  expect(await ask()).toEqual([200, 200, 200, 200]);
  isDown = false;
  Object.assign(gateway.emulator.account('page'), { secretAccessKey: 'rotated' });
  // After the outage, the account's circuit is open for a moment.
  await expect.poll(ask).toEqual([401, 401, 401, 401]);
});

it("is not changed by another site's form with keys that the browser remembers", async () => {
  const gateway = await startExports({
    withExports: createManualEngine().createEngine,
    env: { CORS_ORIGINS: 'https://app.example' },
  });
  const { id } = await gateway.create({ sources: [source] });
  const send = async (action: string, headers: Record<string, string>) => {
    const response = await gateway.ask(`/exports/${id}/${action}`, { method: 'POST', headers });
    const { type } = await response.json();
    return [response.status, type];
  };
  const forged = { 'Sec-Fetch-Site': 'same-site', Origin: 'https://evil.example' };
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  for (const action of ['pause', 'resume', 'cancel', 'retry', 'deletion']) {
    expect(await send(action, forged)).toEqual([403, '/problems/cross-site-form']);
    expect(await send(action, { ...form, Origin: 'null' })).toEqual([403, '/problems/cross-site-form']);
  }
  expect(await gateway.get(id)).toMatchObject({ status: 'queued' });
  // A browser asks first before it sends JSON, and sends a token only if the page names it.
  for (const allowed of [
    { ...forged, 'Content-Type': 'application/json' },
    { ...forged, Origin: 'https://app.example' },
    { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://gateway.example' },
    { ...forged, ...bearer(await issueToken(gateway, { scope: 'exports:write' })) },
    {},
  ]) {
    expect((await send('pause', allowed))[0]).toBe(202);
  }
});

it('is one of two that start at once; the other is a conflict that names it', async () => {
  const engine = createManualEngine();
  const gateway = await startExports({ withExports: engine.createEngine });
  const post = (id: number) =>
    gateway.ask('/exports', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ sources: [{ type: 'findme', id }] }),
    });
  const responses = await Promise.all([post(1), post(2), post(3)]);
  expect(responses.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
  const bodies = await Promise.all(responses.map((response) => response.json()));
  const [first] = bodies.filter(({ id }) => id !== undefined);
  for (const { detail } of bodies.filter(({ id }) => id === undefined)) expect(detail).toContain(first.id);
  const { exports } = await (await gateway.ask('/exports')).json();
  expect(exports.map(({ id }: { id: string }) => id)).toEqual([first.id]);
});

it('has a row in the manifest for each of 1,100 recordings, in the order of the list', async () => {
  const engine = createManualEngine();
  const xml =
    '<response><result>failed</result><result_description>File not found</result_description></response>';
  const gateway = await startExports({
    withExports: engine.createEngine,
    answer: (call) =>
      isDownload(call)
        ? new Response(xml, { status: 404, headers: { 'Content-Type': 'text/xml' } })
        : undefined,
  });
  gateway.emulator.account('page').generate('findme', '77', 1100);
  const { id } = await gateway.create({ sources: [source], lanes: 8 });
  await engine.run();
  expect(await gateway.get(id)).toMatchObject({
    status: 'completed_with_failures',
    progress: { listed: 1100, copied: 0, failed: 1100 },
  });
  const rows = await gateway.rows(id);
  expect(new Set(rows.map(({ sid }) => sid)).size).toBe(1100);
  const listed = await gateway.ask('/recordings?type=findme&id=77', {
    headers: { Accept: 'application/x-ndjson' },
  });
  const sids = (await listed.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).sid);
  expect(rows.map(({ sid }) => sid)).toEqual(sids);
  const csv = await (await gateway.ask(`/exports/${id}/manifest?format=csv`)).text();
  expect(csv.match(/\r\n/g)).toHaveLength(1101);
});

it('is started by a repeated request only until the engine has begun', async () => {
  const engine = createManualEngine();
  const gateway = await startExports({ withExports: engine.createEngine });
  addRecordings(gateway, 1);
  const key = { 'Idempotency-Key': '"once"' };
  const { id } = await gateway.create({ sources: [source] }, key);
  await gateway.create({ sources: [source] }, key);
  // The first request may have crashed in between.
  expect(engine.starts()).toBe(2);
  await gateway.act(id, 'pause');
  await gateway.create({ sources: [source] }, key);
  await gateway.act(id, 'resume');
  await engine.run();
  expect(await gateway.create({ sources: [source] }, key)).toMatchObject({ id, status: 'completed' });
  expect(engine.starts()).toBe(3);
});

it('fails a recording whose key would be too long, and copies the others', async () => {
  const engine = createManualEngine();
  const gateway = await startExports({ withExports: engine.createEngine });
  addRecordings(gateway, 2);
  const long = { dnis: '7'.repeat(64), number_connected: '8'.repeat(64) };
  gateway.emulator.account('page').add('findme', '77', { sid: 's'.repeat(150), seconds: 1, ...long });
  const { id } = await gateway.create({
    sources: [source],
    key_pattern: '{dnis}-{number_connected}-{sid}.{format}',
  });
  await engine.run();
  expect(await gateway.get(id)).toMatchObject({
    status: 'completed_with_failures',
    progress: { copied: 2, failed: 1 },
    failures: [{ sid: 's'.repeat(150), problem: '/problems/invalid-request' }],
  });
});

it('is a 503 if the engine does not take it, and starts with the next request of the same key', async () => {
  const engine = createManualEngine();
  let isLocked = true;
  const gateway = await startExports({
    withExports(job) {
      const { start, ...rest } = engine.createEngine(job);
      const locked = Object.assign(new Error('database is locked'), { errcode: 5 });
      return { ...rest, start: (run) => (isLocked ? Promise.reject(locked) : start(run)) };
    },
  });
  addRecordings(gateway, 2);
  const key = { 'Idempotency-Key': '"once"' };
  const headers = { 'Content-Type': 'application/json', ...key };
  const body = JSON.stringify({ sources: [source] });
  const refused = await gateway.ask('/exports', { method: 'POST', headers, body });
  expect([refused.status, (await refused.json()).type]).toEqual([503, '/problems/store-unavailable']);
  isLocked = false;
  const second = await gateway.ask('/exports', { method: 'POST', headers, body });
  const { id } = await second.json();
  expect(second.status).toBe(202);
  await engine.run();
  expect(await gateway.get(id)).toMatchObject({ status: 'completed', progress: { copied: 2 } });
});

it('sends its events from the start to a client that names one that it has not sent', async () => {
  const engine = createManualEngine();
  const gateway = await startExports({ withExports: engine.createEngine });
  addRecordings(gateway, 1);
  const { id } = await gateway.create({ sources: [source] });
  await engine.run();
  for (const last of ['999999', '-1', '1e3', 'x'.repeat(500)]) {
    const text = await (
      await gateway.ask(`/exports/${id}/events`, { headers: { 'Last-Event-ID': last } })
    ).text();
    expect([last, text.match(/"status":"\w+"/g)]).toEqual([
      last,
      ['"status":"queued"', '"status":"running"', '"status":"completed"'],
    ]);
  }
});
