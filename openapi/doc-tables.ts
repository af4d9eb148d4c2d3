/** Generates the tables of docs/ between their markers: variables, problem types and the emulator's faults. */
import type { z } from '@hono/zod-openapi';
import { documentedVariables } from '../src/config/variables.ts';
import { problemTypes } from '../src/problem/types.ts';
import { actionNames } from '../test/emulator/actions/actions.ts';
import { faults } from '../test/emulator/faults.ts';

type Variable = readonly [name: string, schema: z.ZodType];

const all: readonly Variable[] = Object.entries(documentedVariables.gateway);
const node: readonly Variable[] = Object.entries(documentedVariables.node);
const isLegacy = ([name]: Variable) => name.startsWith('LEGACY_');

const tables: Readonly<Record<string, () => string>> = {
  'variables of the legacy service': () => toVariableTable(all.filter(isLegacy)),
  'variables of the gateway': () => toVariableTable(all.filter((variable) => !isLegacy(variable))),
  'variables of Node': () => toVariableTable(node),
  problems: () =>
    toTable(
      ['Status', 'Type', 'Cause, and how to handle it'],
      Object.entries(problemTypes).map(([slug, { status, description }]) => [
        String(status),
        `\`${slug}\``,
        description,
      ]),
    ),
  faults: () =>
    toTable(
      ['Name', 'Actions', 'The legacy service sends'],
      Object.entries(faults).map(([name, { description, actions }]) => [
        `\`${name}\``,
        actions.length === actionNames.length ? 'all' : actions.map((action) => `\`${action}\``).join(', '),
        description,
      ]),
    ),
};

/** The page with regenerated tables. Throws for a marker that names no table. */
export function withTables(page: string): string {
  return page.replaceAll(
    /(<!-- generated: ([^\n]+) -->\n).*?(<!-- end of generated -->)/gs,
    (_, begin: string, name: string, end: string) => {
      const table = tables[name];
      if (!table) throw new Error(`no table is named "${name}": see openapi/doc-tables.ts`);
      return `${begin}\n${table()}\n\n${end}`;
    },
  );
}

function toVariableTable(variables: readonly Variable[]): string {
  return toTable(
    ['Variable', 'Meaning', 'Default'],
    variables.map(([name, schema]) => [`\`${name}\``, toDescription(name, schema), toDefault(schema)]),
  );
}

function toDescription(name: string, { description }: z.ZodType): string {
  if (!description)
    throw new Error(`${name} has no description: add .describe('…') last, in src/config/variables.ts`);
  return description;
}

/** "none" also covers defaults that a variable's parser turns into an object. */
function toDefault(schema: z.ZodType): string {
  const { success, data } = schema.safeParse(undefined);
  if (!success) return 'required';
  return typeof data === 'number' || typeof data === 'string' ? `\`${data}\`` : 'none';
}

function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}
