/** `npm run build`: the types of the OpenAPI document, and the package's JavaScript and declarations, into dist. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;
const bin = (name: string) => join(folder, '../../node_modules/.bin', name);
const run = (program: string, args: string[]) =>
  execFileSync(program, args, { cwd: folder, stdio: 'inherit' });

rmSync(join(folder, 'dist'), { recursive: true, force: true });
run('npm', ['run', '-s', 'types']);
run(bin('tsc'), ['-p', 'tsconfig.build.json']);

// Compilers leave the extension of a source in declarations.
for (const name of readdirSync(join(folder, 'dist')).filter((name) => name.endsWith('.d.ts'))) {
  const file = join(folder, 'dist', name);
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'"));
}
