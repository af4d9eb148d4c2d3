/** docs/clients.md pins every package that its commands fetch, and `npm run test:clients` runs each of its blocks. */
import { expect, test } from 'vitest';
import { clients } from '../clients/clients.ts';
import { documentedCommands, findUnpinned, readCommands } from '../clients/commands.ts';

const run = new Set(clients.flatMap(({ name, after }) => [name, ...(after ? [after] : [])]));

test.each(documentedCommands)('the commands of $heading are run by the test of clients', ({ heading }) => {
  expect([...run]).toContain(heading);
});

test.each(clients)('docs/clients.md has commands for $name', ({ name }) => {
  expect(readCommands(name)).toContain('recordings.example.com');
});

test.each(documentedCommands)('the commands of $heading pin every package', ({ text }) => {
  expect(findUnpinned(text)).toEqual([]);
});

/** Every version in the commands, each with the block that loses it. */
const losses = documentedCommands.flatMap(({ heading, text }) =>
  Array.from(text.matchAll(/(?<package>[@\w./-]+)(?<version>(?:@v?|==|:)\d+\.\d+\.\d+)/g), (match) => ({
    heading,
    lost: match[0],
    text: text.replace(match[0], match.groups?.package ?? ''),
  })),
);

test('the commands have versions to lose', () => {
  expect(losses.length).toBeGreaterThan(8);
});

test.each(losses)('the test above fails if $heading loses the version of $lost', ({ text }) => {
  expect(findUnpinned(text)).not.toEqual([]);
});

test.each([
  ['npx openapi-ts -i openapi.json', ['npx openapi-ts -i openapi.json', 'typescript']],
  ['npx -y -p orval@8.38.0 orval', ['typescript']],
  ['npx -y -p orval@^8.38.0 -p typescript@5.9.3 orval', ['orval@^8.38.0']],
  [
    'npx -y -p @hey-api/openapi-ts@latest \\\n  -p typescript@5.9.3 openapi-ts',
    ['@hey-api/openapi-ts@latest'],
  ],
  ['npx -y -p orval@8.38.x -p typescript@5.9 orval', ['orval@8.38.x', 'typescript@5.9']],
  ['npm install openapi-fetch', ['openapi-fetch']],
  ['venv/bin/pip install openapi-python-client', ['openapi-python-client']],
  ['venv/bin/pip install openapi-python-client>=0.29.1', ['openapi-python-client>=0.29.1']],
  ['go run example.com/oapi-codegen@latest -o x', ['example.com/oapi-codegen@latest']],
  ['mvn -q dependency:copy -Dartifact=org.example:cli:LATEST', ['org.example:cli:LATEST']],
])('%s is not pinned', (commands, unpinned) => {
  expect(findUnpinned(commands)).toEqual(unpinned);
});
