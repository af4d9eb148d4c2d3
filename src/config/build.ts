/** Identifies the code that runs, for health checks, logs and metrics. */

export interface Build {
  readonly version: string;
  /** Null where neither COMMIT nor `.git` says which. */
  readonly commit: string | null;
}

/** That of package.json, which would add 1.5 KiB to the Worker; a test compares the two. */
export const version = '0.1.0';
