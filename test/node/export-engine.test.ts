/** openworkflow as the engine of exports: a run that it has given up, and one that it has ended or lacks. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackendSqlite } from 'openworkflow/sqlite';
import { expect, onTestFinished, test } from 'vitest';
import type { ExportRun } from '../../src/exports/engine.ts';
import type { ExportJob } from '../../src/exports/job.ts';
import { openWorkflows } from '../../src/node/workflows.ts';

async function start(step: ExportJob['step']) {
  const directory = await mkdtemp(join(tmpdir(), 'engine-'));
  const file = join(directory, 'workflows.sqlite');
  const workflows = await openWorkflows({ file }, { maxAttempts: 1 });
  const backend = BackendSqlite.connect(file);
  onTestFinished(async () => {
    await workflows.stop();
    await backend.stop();
    await rm(directory, { recursive: true });
  });
  const engine = workflows.createEngine({ step, isBlocked: () => false });
  const run: ExportRun = { id: randomUUID(), run: 1, leg: 0 };
  await engine.start(run);
  const find = async () => (await backend.listWorkflowRuns({})).data[0];
  return { engine, run, backend, find };
}

test('it has given up a run whose step failed for good', async () => {
  const { engine, run, find } = await start(() => Promise.reject(new Error('no bucket')));
  await expect.poll(() => engine.hasGivenUp(run)).toBe(true);
  expect((await find())?.status).toBe('failed');
});

test('it has given up a run that an operator canceled', async () => {
  const { engine, run, backend, find } = await start(async () => ({ kind: 'next', seconds: 3600 }));
  expect(await engine.hasGivenUp(run)).toBe(false);
  await backend.cancelWorkflowRun({ workflowRunId: (await find())?.id ?? '' });
  expect(await engine.hasGivenUp(run)).toBe(true);
});

test('it has not given up a run that has ended, and none that it lacks', async () => {
  const { engine, run, find } = await start(async () => ({ kind: 'end' }));
  await expect.poll(async () => (await find())?.status).toBe('completed');
  expect(await engine.hasGivenUp(run)).toBe(false);
  expect(await engine.hasGivenUp({ ...run, leg: 1 })).toBe(false);
});
