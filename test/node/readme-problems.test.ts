/** The README's table of problems has all of them, in the words that the gateway itself uses. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { problemTypes } from '../../src/problem/types.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

it.each(Object.entries(problemTypes))('%s', (slug, { status, description }) => {
  expect(readme).toContain(`| ${status} | \`${slug}\` | ${description} |`);
});
