/** The workflow of an export, written once for all engines: steps and pauses until the job ends. */
import type { Durable, ExportEngine, ExportRun } from './engine.ts';
import type { ExportJob } from './job.ts';

export interface RunOptions {
  readonly job: ExportJob;
  readonly engine: ExportEngine;
  /** After this many steps, the run continues in another instance. */
  readonly maxSteps: number;
}

/** The workflow, shared by all engines. */
export async function runExport(
  run: ExportRun,
  durable: Durable,
  { job, engine, maxSteps }: RunOptions,
): Promise<void> {
  for (let step = 0; step < maxSteps; step += 1) {
    const result = await durable.do(`step ${step}`, () => job.step(run));
    if (result.kind === 'end') return;
    if (result.seconds > 0) await durable.sleep(`pause ${step}`, result.seconds);
  }
  await durable.do('next leg', async () => {
    await engine.start({ ...run, leg: run.leg + 1 });
    return { kind: 'end' };
  });
}
