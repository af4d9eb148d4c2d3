/** The engine of exports on Workers: Cloudflare Workflows. */
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';
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

/** An instance may make 10,000 subrequests; a step makes up to 150. */
const maxSteps = 50;

/** While the platform fails: 7 hours in all. A step ends earlier by itself, with the last recording that it copies. */
const stepOptions = {
  retries: { limit: 100, delay: '5 seconds', backoff: 'linear' },
  timeout: '30 minutes',
} as const;

export function createWorkflowsEngine(binding: Workflow<ExportRun>): ExportEngine {
  return {
    async start(run) {
      const id = toRunName(run);
      try {
        await binding.create({ id, params: run });
      } catch (cause) {
        // It runs already, or has run.
        await binding.get(id).catch(() => {
          throw cause;
        });
      }
    },

    hasGivenUp: (run) =>
      hasRunGivenUp(run, async (name) => {
        const instance = await binding.get(name).catch(() => null);
        return instance && toLegStatus((await instance.status()).status);
      }),
  };
}

function toLegStatus(status: InstanceStatus['status']): LegStatus {
  if (status === 'complete') return 'completed';
  return status === 'errored' || status === 'terminated' ? 'given-up' : 'at-work';
}

export interface WorkflowDriver {
  readonly job: ExportJob;
  readonly engine: ExportEngine;
}

/** The class that wrangler.toml names. The driver is that of the isolate in which an instance wakes up. */
export function createExportWorkflow(getDriver: () => WorkflowDriver) {
  return class ExportWorkflow extends WorkflowEntrypoint<Cloudflare.Env, ExportRun> {
    override async run({ payload }: WorkflowEvent<ExportRun>, step: WorkflowStep): Promise<void> {
      const durable: Durable = {
        do: (name, work) => step.do(name, stepOptions, work),
        sleep: (name, seconds) => step.sleep(name, `${seconds} seconds`),
      };
      await runExport(payload, durable, { ...getDriver(), maxSteps });
    }
  };
}
