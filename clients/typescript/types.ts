/**
 * `npm run types`: writes the types of the OpenAPI document to src/schema.ts, with the slugs of its problems, which
 * the document has as examples.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;
const input = join(folder, '../../openapi/openapi.json');
const output = join(folder, 'src/schema.ts');

execFileSync('npx', ['openapi-typescript', input, '-o', output, '--default-non-nullable=false'], {
  cwd: folder,
  stdio: ['ignore', 'ignore', 'inherit'],
});
const { components } = JSON.parse(readFileSync(input, 'utf8'));
const slugs = Object.keys(components.examples).map((slug) => `    | "${slug}"`);
appendFileSync(output, `export type KnownProblemSlug =\n${slugs.join('\n')};\n`);
