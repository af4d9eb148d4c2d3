/** The store under test on Node: a folder of the test file's own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createFolderStore } from '../../src/node/folder-store.ts';
import type { ObjectStore } from '../../src/store/object-store.ts';

const directory = mkdtempSync(join(tmpdir(), 'store-'));
const folder = createFolderStore({ directory });
afterAll(() => {
  folder.close();
  rmSync(directory, { recursive: true });
});

export const store: ObjectStore = folder;
