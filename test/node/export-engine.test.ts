/** openworkflow as the engine of exports: which runs it has given up, whatever else is in its database. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackendSqlite } from 'openworkflow/sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { type ExportRun, toRunName } from '../../src/exports/engine.ts';
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
  return { engine, run, backend, find, file };
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

/** Runs that end before the worker of a process takes them. */
async function addCanceledRuns(backend: BackendSqlite, names: readonly string[]): Promise<void> {
  const none = {
    ...{ version: null, config: {}, context: null, input: {} },
    ...{ parentStepAttemptNamespaceId: null, parentStepAttemptId: null, deadlineAt: null },
  };
  for (const idempotencyKey of names) {
    const availableAt = new Date(Date.now() + 3_600_000);
    const { id } = await backend.createWorkflowRun({
      ...{ ...none, availableAt, idempotencyKey, workflowName: 'export' },
    });
    await backend.cancelWorkflowRun({ workflowRunId: id });
  }
}

test('it finds a run among any number of others, also in a process that did not start it', async () => {
  const { engine, run, backend, file } = await start(async () => ({ kind: 'next', seconds: 3600 }));
  const lost = { id: randomUUID(), run: 3, leg: 2 };
  await addCanceledRuns(backend, [toRunName(lost)]);
  await addCanceledRuns(
    backend,
    Array.from({ length: 250 }, () => toRunName({ ...lost, id: randomUUID() })),
  );
  const second = await openWorkflows({ file });
  onTestFinished(second.stop);
  const other = second.createEngine({ step: async () => ({ kind: 'end' }), isBlocked: () => false });
  for (const each of [engine, other]) {
    expect(await each.hasGivenUp(lost)).toBe(true);
    expect(await each.hasGivenUp(lost)).toBe(true);
    expect(await each.hasGivenUp({ ...lost, run: 2 })).toBe(false);
    expect(await each.hasGivenUp(run)).toBe(false);
  }
});

test('it looks at the leg that a run continues in', async () => {
  const { engine, run, backend, find } = await start(async () => ({ kind: 'end' }));
  await expect.poll(async () => (await find())?.status).toBe('completed');
  await addCanceledRuns(backend, [toRunName({ ...run, leg: 1 })]);
  expect(await engine.hasGivenUp(run)).toBe(true);
  expect(await engine.hasGivenUp({ ...run, leg: 2 })).toBe(false);
});
