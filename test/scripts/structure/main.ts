/** `npm run lint:structure`: fails on imports against the direction of the folders, a crowded or undocumented tree, and unclear wording. */
import { findViolations } from './check.ts';
import { findWordingFaults } from './english.ts';
import { findLayoutFaults } from './layout.ts';

const root = new URL('../../..', import.meta.url).pathname;
const faults = [...(await findViolations(root)), ...findLayoutFaults(root), ...findWordingFaults(root)];
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
