/** The tables of the README and of docs/ list every operation, variable and problem, in the words of the code. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withTables } from '../../openapi/doc-tables.ts';
import document from '../../openapi/openapi.json' with { type: 'json' };
import manifest from '../../package.json' with { type: 'json' };
import { documentedVariables } from '../../src/config/variables.ts';
import { problemTypes } from '../../src/problem/types.ts';

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
const observed = [...find(/name: '(gateway_\w+)'/g), ...find(/event: '([\w-]+)'/g)];

test('metrics and events are found in the code', () => {
  expect(observed).toEqual(expect.arrayContaining(['gateway_circuit_open', 'request', 'unknown-variable']));
});

test.each(observed)('docs/operations.md explains %s', (name) => {
  expect(read('docs/operations.md')).toMatch(new RegExp(`\\| \`${name}\` \\||"event":"${name}"`));
});

const scripts = Object.keys(manifest.scripts).filter((name) => !name.startsWith('pre'));

test.each(scripts)('docs/development.md explains npm script %s', (name) => {
  expect(read('docs/development.md')).toMatch(new RegExp(`^\\| \`npm (?:run )?${name}\` \\|`, 'm'));
});
