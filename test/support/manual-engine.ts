/** An engine of exports that a test drives step by step, so that pauses of hours take no time. */
import type { ExportEngine, ExportRun } from '../../src/exports/engine.ts';
import type { ExportJob } from '../../src/exports/job.ts';

export interface ManualEngine {
  readonly createEngine: (job: ExportJob) => ExportEngine;
  /**
   * Runs the steps of the latest run until it ends, or until its pauses add up to more than `seconds`. Returns the
   * sum of the pauses.
   */
  run(seconds?: number): Promise<number>;
  /** Ends the latest run without success, as an engine does after too many retries. */
  giveUp(): void;
  /** How often the gateway has started a run. */
  starts(): number;
}

export function createManualEngine(): ManualEngine {
  const runs: ExportRun[] = [];
  const givenUp = new Set<ExportRun>();
  let job: ExportJob | null = null;

  return {
    createEngine(next) {
      job = next;
      return {
        async start(run) {
          runs.push(run);
        },
        hasGivenUp: async ({ id, run, leg }) =>
          [...givenUp].some((each) => each.id === id && each.run === run && each.leg >= leg),
      };
    },

    async run(seconds = Number.POSITIVE_INFINITY) {
      const current = runs.at(-1);
      if (!job || !current) throw new Error('no export was started');
      let paused = 0;
      while (paused <= seconds) {
        const result = await job.step(current);
        if (result.kind === 'end') break;
        paused += result.seconds;
      }
      return paused;
    },

    starts: () => runs.length,

    giveUp() {
      const current = runs.at(-1);
      if (current) givenUp.add(current);
    },
  };
}
