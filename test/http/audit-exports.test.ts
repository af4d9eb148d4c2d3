/** The audit trail of exports: one event for each export and each deletion of originals, with its outcome. */
import { expect, it } from 'vitest';
import { createCanaries } from '../support/canaries.ts';
import { addRecordings, source, startExports } from '../support/export-client.ts';
import { createManualEngine } from '../support/manual-engine.ts';

it('has the export, the deletion of its originals, and those that were rejected', async () => {
  const engine = createManualEngine();
  const gateway = await startExports({ withExports: engine.createEngine, env: { AUDIT: 'on' } });
  addRecordings(gateway, 2);
  const trail = () => gateway.log.filter(({ event }) => event === 'audit');
  const post = (path: string, body?: object) =>
    gateway.ask(path, {
      method: 'POST',
      ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });

  expect((await post('/exports', { sources: [] })).status).toBe(400);
  const { id } = await gateway.create({ sources: [source] });
  expect((await post(`/exports/${id}/deletion`)).status).toBe(409);
  await engine.run();
  expect((await post(`/exports/${id}/deletion`)).status).toBe(202);
  await engine.run();
  expect((await gateway.get(id)).deletion).toMatchObject({ status: 'completed', deleted: 2 });
  for (const action of ['pause', 'resume', 'retry', 'cancel']) await gateway.act(id, action);

  await expect.poll(() => trail().length).toBe(4);
  const shared = {
    event: 'audit',
    time: expect.stringMatching(/^\d{4}-/),
    request_id: expect.any(String),
    account: id.slice(0, 32),
    subject: id.slice(0, 32),
    auth_method: 'basic',
    sid: null,
    resource: null,
    range: null,
  };
  const rejected = { ...shared, outcome: 'rejected' };
  const success = { ...shared, outcome: 'success', status: 202, problem: null };
  expect(trail()).toEqual([
    { ...rejected, action: 'export', export: null, status: 400, problem: 'invalid-request' },
    { ...success, action: 'export', export: id },
    { ...rejected, action: 'delete-exported', export: id, status: 409, problem: 'export-conflict' },
    { ...success, action: 'delete-exported', export: id },
  ]);
  const { accessKey, secretAccessKey } = gateway.emulator.account('page');
  expect(createCanaries({ accessKey, secretAccessKey }).find(JSON.stringify(trail()))).toEqual([]);
});
