/** Writes a body's file; it is on disk before its row is committed. */
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoreWriter } from '../store/object-store.ts';

export interface FolderWriterOptions {
  readonly name: string;
  readonly lengthBytes: number | null;
  /** Turns the body into an object. */
  readonly commit: (sizeBytes: number) => Promise<void>;
}

export function createFolderWriter(directory: string, options: FolderWriterOptions): StoreWriter {
  const { name, lengthBytes, commit } = options;
  const path = join(directory, name);
  const opening = open(path, 'wx', 0o600);
  opening.catch(() => {});
  let sizeBytes = 0;
  let isClosed = false;

  async function closeFile(file: FileHandle): Promise<void> {
    if (isClosed) return;
    isClosed = true;
    await file.close();
  }

  return {
    async write(chunk) {
      const file = await opening;
      for (let rest = chunk; rest.length > 0; ) {
        const { bytesWritten } = await file.write(rest);
        rest = rest.subarray(bytesWritten);
      }
      sizeBytes += chunk.length;
    },
    async close() {
      if (lengthBytes !== null && sizeBytes !== lengthBytes) throw new RangeError('not the announced length');
      const file = await opening;
      await file.sync();
      await closeFile(file);
      await syncDirectory(directory);
      await commit(sizeBytes);
    },
    async abort() {
      await opening.then(closeFile).catch(() => {});
      await unlink(path).catch(() => {});
    },
  };
}

/** A new file survives a power failure only if its folder's entry does. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  await handle.sync().finally(() => handle.close());
}
