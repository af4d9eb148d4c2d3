/**
 * Lists the changes between a commit's document and the current one that break clients. `severities.txt` adds changes
 * that break generated clients although requests stay the same: removed names, defaults, headers and problems.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const oasdiff = 'github.com/oasdiff/oasdiff@v1.36.0';
const root = new URL('..', import.meta.url).pathname;

/** By default, the last commit with a different document. */
const [base = findBase()] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), 'openapi-'));
try {
  if (base === null) console.log('The document is the first one: there is nothing to compare it with.');
  else compare(base);
} finally {
  rmSync(directory, { recursive: true });
}

function compare(commit: string): void {
  const before = join(directory, 'before.json');
  writeFileSync(before, git('show', `${commit}:openapi/openapi.json`));
  console.log(`Changes of the document since ${commit.slice(0, 12)} that break clients:`);
  try {
    const levels = ['--severity-levels', join(root, 'openapi/severities.txt')];
    const args = ['run', oasdiff, 'breaking', ...levels, before, join(root, 'openapi/openapi.json')];
    console.log(execFileSync('go', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }) || 'none');
  } catch (error) {
    // Reports only: people decide whether a version may break clients.
    console.log(`skipped: ${error instanceof Error ? error.message : error}`);
  }
}

function findBase(): string | null {
  const commits = git('log', '--format=%H', '--', 'openapi/openapi.json').split('\n').filter(Boolean);
  const isClean = git('status', '--porcelain', '--', 'openapi/openapi.json') === '';
  return commits[isClean ? 1 : 0] ?? null;
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}
