/** The engine of exports on Node: openworkflow on a SQLite file, or on a Postgres that several processes share. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { OpenWorkflow, type Worker } from 'openworkflow';
import { ConfigError } from '../config/parse.ts';
import type { StoreConfigs } from '../config/store.ts';
import { type Durable, type ExportEngine, type ExportRun, toRunName } from '../exports/engine.ts';
import type { ExportJob } from '../exports/job.ts';
import { runExport } from '../exports/run.ts';

export interface NodeWorkflows {
  readonly createEngine: (job: ExportJob) => ExportEngine;
  readonly isStopping: () => boolean;
  /** Releases the runs for another process or the next start. Steps end after the recordings that they are copying. */
  stop(): Promise<void>;
}

/** Exports that run at a time in this process; each account runs one. */
const concurrency = 8;

/** openworkflow allows 1,000 step attempts per run, including pauses and retries. */
const maxSteps = 300;

/** Applies while the bucket or the database fails. */
const retryPolicy = {
  initialInterval: '1s',
  backoffCoefficient: 2,
  maximumInterval: '5m',
  maximumAttempts: 100,
} as const;

type Database = NonNullable<StoreConfigs['workflowDatabase']>;

/** Throws ConfigError if the database cannot be used. */
export async function openWorkflows(database: Database): Promise<NodeWorkflows> {
  const backend = await openBackend(database);
  const workflows = new OpenWorkflow({ backend });
  let worker: Worker | null = null;
  let isStopping = false;

  return {
    isStopping: () => isStopping,

    createEngine(job) {
      const engine: ExportEngine = {
        async start(run) {
          await workflow.run({ ...run }, { idempotencyKey: toRunName(run) });
        },
      };
      const workflow = workflows.defineWorkflow<ExportRun, null>(
        { name: 'export' },
        async ({ input: run, step }) => {
          const durable: Durable = {
            do: (name, work) => step.run({ name, retryPolicy }, work),
            sleep: (name, seconds) => step.sleep(name, `${seconds}s`),
          };
          await runExport(run, durable, { job, engine, maxSteps });
          return null;
        },
      );
      worker = workflows.newWorker({ concurrency });
      void worker.start();
      return engine;
    },

    async stop() {
      isStopping = true;
      await worker?.stop();
      await backend.stop();
    },
  };
}

/** Loaded on use: Postgres needs its driver, and Node 20 has no SQLite. */
async function openBackend(database: Database) {
  try {
    if ('postgres' in database) {
      const { BackendPostgres } = await import('openworkflow/postgres');
      return await BackendPostgres.connect(database.postgres);
    }
    const { BackendSqlite } = await import('openworkflow/sqlite');
    mkdirSync(dirname(database.file), { recursive: true, mode: 0o700 });
    return BackendSqlite.connect(database.file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new ConfigError(`WORKFLOW_DATABASE_URL: the database cannot be used: ${reason}`);
  }
}
