/** Passes the job of a test's gateway to the Workflow, which runs in the same isolate. */
import type { WorkflowDriver } from '../../src/workers/workflows.ts';

let driver: WorkflowDriver | null = null;

export const workflowDriver = {
  set(next: WorkflowDriver): void {
    driver = next;
  },
  get(): WorkflowDriver {
    if (!driver) throw new Error('no gateway of a test has exports');
    return driver;
  },
};
