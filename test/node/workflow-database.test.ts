/** Exports' database on SQLite while another process writes to it: calls wait for their turn, and fail in the end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigError } from '../../src/config/parse.ts';
import { openWorkflowDatabase } from '../../src/node/workflow-database.ts';

async function createFile(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'gateway-workflows-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return join(directory, 'workflows.db');
}

/** As another process in the middle of its transaction. */
function lock(file: string): { release(): void } {
  const database = new DatabaseSync(file);
  database.exec('pragma journal_mode = wal; create table if not exists other (id); begin immediate');
  return {
    release() {
      database.exec('commit');
      database.close();
    },
  };
}

async function isPending(work: Promise<unknown>): Promise<boolean> {
  return (await Promise.race([work, sleep(100, 'pending')])) === 'pending';
}

const run = {
  workflowName: 'export',
  version: null,
  idempotencyKey: 'one',
  config: {},
  context: null,
  input: null,
  parentStepAttemptNamespaceId: null,
  parentStepAttemptId: null,
  availableAt: null,
  deadlineAt: null,
};

test('opening waits for its turn', async () => {
  const file = await createFile();
  const other = lock(file);
  const opening = openWorkflowDatabase({ file });
  expect(await isPending(opening)).toBe(true);
  other.release();
  const database = await opening;
  expect(await database.listWorkflowRuns({ workflowName: 'export' })).toMatchObject({ data: [] });
  await database.stop();
});

test('a write waits for its turn', async () => {
  const file = await createFile();
  const database = await openWorkflowDatabase({ file });
  const other = lock(file);
  const creating = database.createWorkflowRun(run);
  expect(await isPending(creating)).toBe(true);
  other.release();
  expect(await creating).toMatchObject({ idempotencyKey: 'one', status: 'pending' });
  await database.stop();
});

test('a database that stays locked is named, in the end', async () => {
  const file = await createFile();
  const other = lock(file);
  await expect(openWorkflowDatabase({ file })).rejects.toThrow(
    new ConfigError(
      'WORKFLOW_DATABASE_URL: the database cannot be used: SQLite backend failed to open database. ' +
        'Check the path is valid and writable.: database is locked',
    ),
  );
  other.release();
});

test('other errors are not waited for', async () => {
  const database = await openWorkflowDatabase({ file: await createFile() });
  await database.createWorkflowRun(run);
  await database.stop();
  const failing = database.createWorkflowRun(run);
  expect(await Promise.race([failing.catch(String), sleep(4000, 'still waiting')])).toContain('not open');
});
