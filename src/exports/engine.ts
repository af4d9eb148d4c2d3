/**
 * The port to the engine that runs exports; its adapters are Cloudflare Workflows (workers/) and openworkflow
 * (node/).
 */

/**
 * Identifies one run of one export; the bucket has the rest. Never contains a key or a token, because dashboards show
 * it.
 */
export interface ExportRun {
  readonly id: string;
  /** Incremented by each resume: a run with another number than the export's has been replaced. */
  readonly run: number;
  /** Engines limit the steps of an instance, so a run continues in further legs. */
  readonly leg: number;
}

export interface ExportEngine {
  /** Returns once the engine has accepted the run. Starting the same run again has no effect. */
  start(run: ExportRun): Promise<void>;
  /** Whether this leg or a later one has ended without success, so that the run never goes on. False without such a run. */
  hasGivenUp(run: ExportRun): Promise<boolean>;
}

/** The services of an engine that the job needs. */
export interface Durable {
  /** Runs the work once, even if the process crashes: it is repeated only if no result was recorded. */
  do(name: string, work: () => Promise<StepResult>): Promise<StepResult>;
  sleep(name: string, seconds: number): Promise<void>;
}

/** Engines record results and show them in their dashboards. */
export type StepResult = { readonly kind: 'end' } | { readonly kind: 'next'; readonly seconds: number };

export function toRunName({ id, run, leg }: ExportRun): string {
  return `${id}-${run}-${leg}`;
}

/** Of the engine's instance; null without one. */
export type LegStatus = 'at-work' | 'completed' | 'given-up' | null;

/** Looks at the given leg, then at the legs that it has continued in. */
export async function hasRunGivenUp(
  run: ExportRun,
  toStatus: (name: string) => Promise<LegStatus>,
): Promise<boolean> {
  for (let { leg } = run; ; leg += 1) {
    const status = await toStatus(toRunName({ ...run, leg }));
    if (status !== 'completed') return status === 'given-up';
  }
}
