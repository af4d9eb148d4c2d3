/** The state of an export that has just been created: queued, with everything still to list. */
import { type ExportState, noProgress } from './state.ts';

export interface NewExport extends Pick<ExportState, 'id' | 'request' | 'fingerprint' | 'keys' | 'owner'> {}

export function toNewExport(given: NewExport): ExportState {
  const created_at = new Date().toISOString();
  const first = {
    sequence: 1,
    at: created_at,
    status: 'queued',
    reason: null,
    progress: noProgress,
  } as const;
  return {
    version: 1,
    ...given,
    status: 'queued',
    reason: null,
    created_at,
    finished_at: null,
    resumes_at: null,
    run: 1,
    sequence: 1,
    work: { kind: 'list', source: 0 },
    chunks: 0,
    counts: [],
    progress: noProgress,
    failures: [],
    history: [first],
    stalls: 0,
    deletion: null,
    deletion_counts: [],
  };
}
