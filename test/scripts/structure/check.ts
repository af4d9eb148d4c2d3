/** Checks the imports of `src`, and of the package in `clients`, against the rules. */
import { cruise } from 'dependency-cruiser';
import { rules } from './rules.ts';

/** One line per import that breaks a rule. `root` is the folder that contains `src`. */
export async function findViolations(root: string): Promise<string[]> {
  const { output } = await cruise(['src', 'clients/typescript/src'], {
    baseDir: root,
    ruleSet: { forbidden: rules },
    validate: true,
    parser: 'swc',
    // Types count: a folder that uses the types of another cannot be read alone.
    tsPreCompilationDeps: true,
    doNotFollow: { path: '(^|/)(node_modules|dist)/' },
  });
  if (typeof output === 'string') throw new Error(output);
  return output.summary.violations.map(
    ({ rule, from, to, cycle }) =>
      `${rule.name}: ${from} → ${cycle?.map(({ name }) => name).join(' → ') ?? to}`,
  );
}
