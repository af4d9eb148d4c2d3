/** The Worker of the tests in workerd: its Workflow runs the exports of the gateway that was started last. */
import { createExportWorkflow } from '../../src/workers/workflows.ts';
import { workflowDriver } from './workflow-driver.ts';

export const ExportWorkflow = createExportWorkflow(workflowDriver.get);

export default { fetch: () => new Response(null, { status: 404 }) };
