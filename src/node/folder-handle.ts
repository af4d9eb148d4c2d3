/**
 * The index of a folder, opened again once the folder is another one: SQLite would still write into a deleted file,
 * and its rows would be lost at the next start.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createFolderIndex, type FolderIndex } from './folder-index.ts';

export interface FolderHandle {
  /** Where the bodies lie. */
  readonly bodies: string;
  /** Throws while the folder is missing. It is not created again, because its disk may be the one that is missing. */
  index(): FolderIndex;
  close(): void;
}

/** Throws if the folder cannot be created or written. */
export function openFolder(directory: string): FolderHandle {
  const bodies = join(directory, 'bodies');
  const file = join(directory, 'index.sqlite');
  createDirectories(resolve(directory));
  let opened: OpenIndex | null = open();

  function open(): OpenIndex {
    statSync(directory);
    prepare(bodies);
    const index = createFolderIndex(file);
    return { index, identity: identify(file) ?? '' };
  }

  function close(): void {
    opened?.index.close();
    opened = null;
  }

  return {
    bodies,
    index() {
      if (opened && opened.identity !== identify(file)) close();
      opened ??= open();
      return opened.index;
    },
    close,
  };
}

interface OpenIndex {
  readonly index: FolderIndex;
  readonly identity: string;
}

/** Null if there is no such file. */
function identify(file: string): string | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.dev} ${stats.ino}` : null;
}

/** Throws if the folder cannot be created, is read-only, or is on a full disk: SQLite's errors would not say which. */
function prepare(directory: string): void {
  createDirectories(resolve(directory));
  const file = join(directory, randomUUID());
  writeFileSync(file, 'x', { flag: 'wx' });
  unlinkSync(file);
}

/** Node's own recursive mkdir never returns below /proc, where creation fails as if the parent were missing. */
function createDirectories(directory: string): void {
  if (existsSync(directory)) return;
  createDirectories(dirname(directory));
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (cause) {
    // Another process may have created it meanwhile.
    if (!existsSync(directory)) throw cause;
  }
}
