/** Checks what a reader of the tree relies on: few entries at the top of a folder, and a first sentence in each file. */
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const maxEntries = { src: 20, test: 16 };

/** Up to the end of the first comment, after a directive for the compiler. */
const opening = /^(?:\/\/\/ <reference [^\n]*\n)?\/\*\*\s[\s\S]*?\w[\s\S]*?\*\//;

/** One line for each fault. `root` is the folder that holds `src` and `test`. */
export function findLayoutFaults(root: string): string[] {
  const crowded = Object.entries(maxEntries).flatMap(([folder, max]) => {
    const count = readdirSync(join(root, folder)).filter((name) => name !== 'node_modules').length;
    return count > max ? [`${folder} has ${count} entries, more than ${max}`] : [];
  });
  const files = globSync('{src,test,openapi}/**/*.{ts,tsx}', {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|generated)$/.test(path),
  });
  const silent = files.filter((path) => !opening.test(readFileSync(join(root, path), 'utf8')));
  return [...crowded, ...silent.sort().map((path) => `${path} has no opening sentence`)];
}
