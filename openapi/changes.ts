/**
 * Names the changes that break clients, between the document of a commit and the one that is there now. `severities.txt`
 * adds what breaks generated ones though the requests stay the same: names, defaults, headers and problems that are gone.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const oasdiff = 'github.com/oasdiff/oasdiff@v1.36.0';
const root = new URL('..', import.meta.url).pathname;

/** By default the last commit in which the document was another one than now. */
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
    // They are told, not forbidden: whether a version may break clients is for people to decide.
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
