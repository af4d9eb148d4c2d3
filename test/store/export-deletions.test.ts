/** The deletion of originals beside other changes to its export: a second one, and one whose failed recordings are retried. */
import { beforeEach, expect, it } from 'vitest';
import { addRecordings, source, startExports } from '../support/export-client.ts';
import { createManualEngine } from '../support/manual-engine.ts';
import { clearStore } from '../support/test-store.ts';

beforeEach(clearStore);

const failure = (text: string, status: number) =>
  new Response(
    `<response><result>failed</result><result_description>${text}</result_description></response>`,
    {
      status,
      headers: { 'Content-Type': 'text/xml' },
    },
  );

it('deletes what an earlier one could not delete, and counts each original once', async () => {
  const engine = createManualEngine();
  let isBroken = true;
  const gateway = await startExports({
    withExports: engine.createEngine,
    answer: (call) =>
      isBroken && call.get('action') === 'recording.remove' && call.get('sid') === '0911000000000001'
        ? failure('Error in removing recording', 404)
        : undefined,
  });
  addRecordings(gateway, 3);
  const { id } = await gateway.create({ sources: [source] });
  await engine.run();
  const remove = async () => {
    await gateway.act(id, 'deletion');
    await engine.run();
    return (await gateway.get(id)).deletion;
  };
  expect(await remove()).toMatchObject({ status: 'completed_with_failures', deleted: 2, failed: 1 });
  expect(await remove()).toMatchObject({ status: 'completed_with_failures', deleted: 2, failed: 1 });
  isBroken = false;
  expect(await remove()).toMatchObject({ status: 'completed', deleted: 3, failed: 0 });
  expect(gateway.emulator.account('page').records('findme', '77')).toBeNull();
});

it('that has failed does not keep a paused export from its recordings', async () => {
  const engine = createManualEngine();
  let isMissing = true;
  let isRevoked = false;
  const gateway = await startExports({
    withExports: engine.createEngine,
    answer(call) {
      const action = call.get('action');
      if (isRevoked && action === 'recording.remove') return failure('Invalid api_key', 401);
      const isSpoilt = isMissing && call.get('sid') === '0911000000000001';
      return isSpoilt && action === 'recording.download' ? failure('File not found', 404) : undefined;
    },
  });
  addRecordings(gateway, 2);
  const { id } = await gateway.create({ sources: [source] });
  await engine.run();
  isRevoked = true;
  await gateway.act(id, 'deletion');
  await engine.run();
  expect((await gateway.get(id)).deletion?.status).toBe('failed');
  isMissing = false;
  isRevoked = false;
  await gateway.act(id, 'retry');
  await gateway.act(id, 'pause');
  expect((await gateway.act(id, 'resume')).status).toBe(202);
  await engine.run();
  expect(await gateway.get(id)).toMatchObject({
    status: 'completed',
    progress: { copied: 2, failed: 0 },
    deletion: { status: 'failed' },
  });
  // The deletion goes on from its first recording, as the retried one was not among those that it has seen.
  expect((await gateway.act(id, 'resume')).status).toBe(202);
  await engine.run();
  expect((await gateway.get(id)).deletion).toMatchObject({ status: 'completed', deleted: 2, failed: 0 });
});
