/** Identifies the running code for health checks, logs and metrics. */

export interface Build {
  readonly version: string;
  /** Null if neither COMMIT nor `.git` names it. */
  readonly commit: string | null;
}

/** A copy from package.json, which would add 1.5 KiB to the Worker; a test compares them. */
export const version = '0.1.0';
