/** The engine of exports on Node: openworkflow on a SQLite file, or on a Postgres that several processes share. */
import { OpenWorkflow, type Worker } from 'openworkflow';
import type { WorkflowRunStatus } from 'openworkflow/internal';
import {
  type Durable,
  type ExportEngine,
  type ExportRun,
  hasRunGivenUp,
  type LegStatus,
  toRunName,
} from '../exports/engine.ts';
import type { ExportJob } from '../exports/job.ts';
import { runExport } from '../exports/run.ts';
import { openWorkflowDatabase, type WorkflowDatabase } from './workflow-database.ts';
import { createWorkflowRuns } from './workflow-runs.ts';

export interface NodeWorkflows {
  readonly createEngine: (job: ExportJob) => ExportEngine;
  readonly isStopping: () => boolean;
  /** Releases the runs for another process or the next start. Steps end after the recordings that they are copying. */
  stop(): Promise<void>;
}

const workflowName = 'export';

/** Exports that run at a time in this process; each account runs one. */
const concurrency = 8;

/** openworkflow allows 1,000 step attempts per run, including pauses and retries. */
const maxSteps = 300;

/** Applies while the database fails. */
const retryPolicy = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5m' } as const;

export interface WorkflowsOptions {
  /** Per step; after them the run has failed. */
  readonly maxAttempts?: number;
}

/** Throws ConfigError if the database cannot be used. */
export async function openWorkflows(
  database: WorkflowDatabase,
  { maxAttempts: maximumAttempts = 100 }: WorkflowsOptions = {},
): Promise<NodeWorkflows> {
  const backend = await openWorkflowDatabase(database);
  const workflows = new OpenWorkflow({ backend });
  const runs = createWorkflowRuns({ backend, workflowName });
  let worker: Worker | null = null;
  let isStopping = false;

  return {
    isStopping: () => isStopping,

    createEngine(job) {
      const engine: ExportEngine = {
        async start(run) {
          const { workflowRun } = await workflow.run({ ...run }, { idempotencyKey: toRunName(run) });
          runs.remember(workflowRun);
        },

        hasGivenUp: (run) =>
          hasRunGivenUp(run, async (name) => {
            const found = await runs.find(name);
            return found && toLegStatus(found.status);
          }),
      };
      const workflow = workflows.defineWorkflow<ExportRun, null>(
        { name: workflowName },
        async ({ input: run, step }) => {
          const durable: Durable = {
            do: (name, work) => step.run({ name, retryPolicy: { ...retryPolicy, maximumAttempts } }, work),
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

function toLegStatus(status: WorkflowRunStatus): LegStatus {
  switch (status) {
    case 'pending':
    case 'running':
    case 'sleeping':
      return 'at-work';
    case 'succeeded':
    case 'completed':
      return 'completed';
    case 'failed':
    case 'canceled':
      return 'given-up';
  }
}
