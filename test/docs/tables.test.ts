/** The README's tables have every operation and every problem, in the words that the gateway itself uses. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import document from '../../openapi/openapi.json' with { type: 'json' };
import { problemTypes } from '../../src/problem/types.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const rows = readme.split('\n').filter((line) => line.startsWith('| '));

test.each(Object.entries(problemTypes))('%s', (slug, { status, description }) => {
  expect(rows).toContainEqual(`| ${status} | \`${slug}\` | ${description} |`);
});

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => ({ path, method, operationId })),
);

test.each(operations)('$operationId', ({ path, method, operationId }) => {
  const row = rows.find((line) => line.startsWith(`| \`${operationId}\` |`));
  expect(row).toContain(path);
  expect(row).toContain(method.toUpperCase());
});
