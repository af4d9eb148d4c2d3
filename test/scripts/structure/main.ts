/** `npm run lint:structure`: fails on an import of `src` against the direction of its rooms, and on a crowded or silent tree. */
import { findViolations } from './check.ts';
import { findLayoutFaults } from './layout.ts';

const root = new URL('../../..', import.meta.url).pathname;
const faults = [...(await findViolations(root)), ...findLayoutFaults(root)];
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
