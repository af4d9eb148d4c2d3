/** Finds the runs of openworkflow by name. Its interface finds a run by its own ID only, so this remembers the IDs. */
import type { Backend, WorkflowRun } from 'openworkflow/internal';
import QuickLRU from 'quick-lru';

export interface WorkflowRuns {
  remember(run: WorkflowRun): void;
  /** Null without such a run. */
  find(name: string): Promise<WorkflowRun | null>;
}

export interface WorkflowRunsOptions {
  readonly backend: Pick<Backend, 'getWorkflowRun' | 'listWorkflowRuns'>;
  readonly workflowName: string;
}

/** Far more than the exports that clients follow at a time. */
const maxKnown = 1000;

const pageLength = 100;

export function createWorkflowRuns({ backend, workflowName }: WorkflowRunsOptions): WorkflowRuns {
  const ids = new QuickLRU<string, string>({ maxSize: maxKnown });

  function remember({ idempotencyKey, id }: WorkflowRun): void {
    if (idempotencyKey !== null) ids.set(idempotencyKey, id);
  }

  /** Newest first, where the run of an active export is. */
  async function search(name: string): Promise<WorkflowRun | null> {
    let after: string | null = null;
    do {
      const page = await backend.listWorkflowRuns({
        workflowName,
        limit: pageLength,
        ...(after !== null && { after }),
      });
      const found = page.data.find(({ idempotencyKey }) => idempotencyKey === name);
      if (found) {
        remember(found);
        return found;
      }
      after = page.pagination.next;
    } while (after !== null);
    return null;
  }

  return {
    remember,
    async find(name) {
      const id = ids.get(name);
      const known = id === undefined ? null : await backend.getWorkflowRun({ workflowRunId: id });
      return known ?? (await search(name));
    },
  };
}
