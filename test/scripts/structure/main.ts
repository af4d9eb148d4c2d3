/** `npm run lint:structure`: fails on an import of `src` against the direction of its rooms. */
import { findViolations } from './check.ts';

const violations = await findViolations(new URL('../../..', import.meta.url).pathname);
for (const violation of violations) console.error(violation);
process.exitCode = violations.length > 0 ? 1 : 0;
