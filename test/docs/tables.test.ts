/** The tables of the README and of docs/ list every operation, variable and problem, in the words of the code. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withTables } from '../../openapi/doc-tables.ts';
import document from '../../openapi/openapi.json' with { type: 'json' };
import manifest from '../../package.json' with { type: 'json' };
import { documentedVariables } from '../../src/config/variables.ts';
import { problemTypes } from '../../src/problem/types.ts';
import { startGateway } from '../support/harness.ts';

const root = new URL('../../', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, root), 'utf8');
const toRows = (page: string) => page.split('\n').filter((line) => line.startsWith('| '));

const pages = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'));

test.each(pages)('docs/%s has current tables (else: npm run openapi)', (name) => {
  const page = read(`docs/${name}`);
  expect(page).toBe(withTables(page));
});

test.each(Object.entries(problemTypes))('docs/problems.md lists %s', (slug, { status, description }) => {
  expect(toRows(read('docs/problems.md'))).toContain(`| ${status} | \`${slug}\` | ${description} |`);
});

const variables = Object.keys({ ...documentedVariables.gateway, ...documentedVariables.node });

test.each(variables)('docs/configuration.md lists %s once', (name) => {
  const rows = toRows(read('docs/configuration.md')).filter((row) => row.startsWith(`| \`${name}\` |`));
  expect(rows).toHaveLength(1);
});

test('a marker that names no table is an error', () => {
  const page = '<!-- generated: canary -->\n<!-- end of generated -->';
  expect(() => withTables(page)).toThrow('canary');
});

test('a table is written between its own markers only', () => {
  const page = `before\n<!-- generated: problems -->\nstale row\n<!-- end of generated -->\nafter\n`;
  const written = withTables(page);
  expect(written).toMatch(
    /^before\n<!-- generated: problems -->\n\n\| Status \|.*<!-- end of generated -->\nafter\n$/s,
  );
  expect(written).not.toContain('stale row');
});

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => ({ path, method, operationId })),
);

test.each(operations)('README.md lists $operationId', ({ path, method, operationId }) => {
  const rows = toRows(read('README.md')).filter((row) => row.startsWith(`| \`${operationId}\` |`));
  expect(rows, `README.md needs one row for \`${operationId}\` in "Resources"`).toHaveLength(1);
  expect(rows[0]).toContain(path);
  expect(rows[0]).toContain(method.toUpperCase());
});

const sources = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.startsWith('panel/'))
  .map((name) => read(`src/${name}`))
  .join('\n');
const find = (pattern: RegExp) => [
  ...new Set(Array.from(sources.matchAll(pattern), ([, name = '']) => name)),
];
const observed = [
  ...find(/name: '(gateway_\w+)'/g),
  ...find(/(?:event: |(?:to|createStore)Warning\()'([\w-]+)'/g),
];

test('metrics and events are found in the code', () => {
  expect(observed).toEqual(expect.arrayContaining(['gateway_circuit_open', 'request', 'unknown-variable']));
});

test.each(observed)('docs/operations.md explains %s', (name) => {
  expect(read('docs/operations.md')).toMatch(new RegExp(`\\| \`${name}\` \\||"event":"${name}"`));
});

const [current = ''] = read('docs/operations.md').split('\n## Changelog\n');
const documented = Array.from(
  current.matchAll(/^\| `(gateway_\w+)` \||^\| `([\w-]+)` \| `(?:info|warn|error)` \|/gm),
  ([, metric, event]) => metric ?? event,
);

test.each(documented)('%s of docs/operations.md is in the code', (name) => {
  expect(observed).toContain(name);
});

test('docs/operations.md explains every field of a request line, and no other', async () => {
  const gateway = await startGateway();
  await (await gateway.fetch('/health')).text();
  await expect.poll(() => gateway.log).toHaveLength(1);
  const fields = Object.keys(gateway.log[0] ?? {}).filter((name) => name !== 'event');
  const [, section = ''] = read('docs/operations.md').split('| Field | Meaning |');
  const [table = ''] = section.split('\n\n');
  const names = toRows(table).flatMap((row) =>
    Array.from(row.split('|')[1]?.matchAll(/`(\w+)`/g) ?? [], ([, name]) => name),
  );
  expect(names.toSorted()).toEqual(fields.toSorted());
});

/** From the sources, whose union lists every reason. */
const reasons = [
  ...new Set([
    ...find(/^ {2}\| '([a-z-]+)'/gm).filter((name) => read('src/auth/failure.ts').includes(`  | '${name}'`)),
    ...Array.from(
      read('src/auth/failure.ts').matchAll(/readonly kind: '([a-z-]+)'/g),
      ([, kind = '']) => kind,
    ),
  ]),
].filter((name) => !['invalid-token', 'invalid-link'].includes(name));

test.each([...reasons, 'other-audio'])('docs/operations.md explains the reason %s', (name) => {
  const [, section = ''] = read('docs/operations.md').split('| `reason` | Means |');
  const [table = ''] = section.split('\n\n');
  expect(
    toRows(table)
      .map((row) => row.split('|')[1])
      .join(),
  ).toContain(`\`${name}\``);
});

const scripts = Object.keys(manifest.scripts).filter((name) => !name.startsWith('pre'));

test.each(scripts)('docs/development.md explains npm script %s', (name) => {
  expect(read('docs/development.md')).toMatch(new RegExp(`^\\| \`npm (?:run )?${name}\` \\|`, 'm'));
});
