/** Checks the tree for readers: few entries at the top of a folder, and an opening sentence in each file. */
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const maxEntries = { src: 20, test: 16 };

/** Up to the end of the first comment, after an optional compiler directive. */
const opening = /^(?:\/\/\/ <reference [^\n]*\n)?\/\*\*\s[\s\S]*?\w[\s\S]*?\*\//;

/** One line per fault. `root` is the folder that contains `src` and `test`. */
export function findLayoutFaults(root: string): string[] {
  const crowded = Object.entries(maxEntries).flatMap(([folder, max]) => {
    const count = readdirSync(join(root, folder)).filter((name) => name !== 'node_modules').length;
    return count > max ? [`${folder} has ${count} entries, more than ${max}`] : [];
  });
  const files = globSync('{src,test,openapi,clients}/**/*.{ts,tsx}', {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|dist|schema\.ts)$/.test(path),
  });
  const silent = files.filter((path) => !opening.test(readFileSync(join(root, path), 'utf8')));
  return [...crowded, ...silent.sort().map((path) => `${path} has no opening sentence`)];
}
