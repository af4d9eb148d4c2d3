/** The store under test on Node: a bucket in the `s3` project, otherwise a folder; each test file has its own. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';
import { createFolderStore } from '../../src/node/folder-store.ts';
import { createS3Store } from '../../src/node/s3-store.ts';
import type { ObjectStore } from '../../src/store/object-store.ts';
import type {} from './s3-setup.ts';

export const store: ObjectStore = openBucket() ?? openFolder();

function openBucket(): ObjectStore | null {
  const config = inject('s3');
  if (!config) return null;
  const bucket = createS3Store({ ...config, endpoint: new URL(config.endpoint), prefix: `${randomUUID()}/` });
  afterAll(bucket.close);
  return bucket;
}

function openFolder(): ObjectStore {
  const directory = mkdtempSync(join(tmpdir(), 'store-'));
  const folder = createFolderStore({ directory });
  afterAll(() => {
    folder.close();
    rmSync(directory, { recursive: true });
  });
  return folder;
}
