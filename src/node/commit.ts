/** Reads the checked-out commit from `.git`: git itself refuses a folder that another user owns, as under DynamicUser. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Null without a repository, as in a container. */
export function readCommit(root: string): string | null {
  try {
    return readHead(toGitDirectory(root));
  } catch {
    return null;
  }
}

/** In a worktree, `.git` is a file that names the directory. */
function toGitDirectory(root: string): string {
  const path = resolve(root, '.git');
  const [, named] = /^gitdir: (.+)$/m.exec(tryRead(path) ?? '') ?? [];
  return named === undefined ? path : resolve(root, named);
}

function readHead(directory: string): string | null {
  const head = readFileSync(resolve(directory, 'HEAD'), 'utf8').trim();
  const [, ref] = /^ref: (.+)$/.exec(head) ?? [];
  if (ref === undefined) return toCommit(head);
  // A worktree keeps its branches in the repository that it belongs to.
  const common = resolve(directory, tryRead(resolve(directory, 'commondir'))?.trim() ?? '.');
  const packed = tryRead(resolve(common, 'packed-refs'))?.split('\n');
  const line = tryRead(resolve(common, ref)) ?? packed?.find((entry) => entry.endsWith(` ${ref}`));
  return toCommit(line ?? '');
}

function toCommit(text: string): string | null {
  return /^[0-9a-f]{40,64}/.exec(text)?.[0] ?? null;
}

function tryRead(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
