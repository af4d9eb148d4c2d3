/** The port of the engine that drives exports: Cloudflare Workflows (workers/) and openworkflow (node/) adapt to it. */

/** Names one run of one export; all else is in the bucket. No key and no token is ever in here: dashboards show it. */
export interface ExportRun {
  readonly id: string;
  /** Counts up with each resume: a run with another number than the export's has been replaced. */
  readonly run: number;
  /** Engines limit the steps of an instance, so a run goes on in further ones. */
  readonly leg: number;
}

export interface ExportEngine {
  /** Returns once the engine has taken the run. Starting the same one again changes nothing. */
  start(run: ExportRun): Promise<void>;
}

/** What an engine offers to the job, and all that the job needs. */
export interface Durable {
  /** Runs the work once, however often the process dies: again if it died before the result was recorded. */
  do(name: string, work: () => Promise<StepResult>): Promise<StepResult>;
  sleep(name: string, seconds: number): Promise<void>;
}

/** Engines record results and show them in their dashboards. */
export type StepResult = { readonly kind: 'end' } | { readonly kind: 'next'; readonly seconds: number };

export function toRunName({ id, run, leg }: ExportRun): string {
  return `${id}-${run}-${leg}`;
}
