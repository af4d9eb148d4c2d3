/** The object store in a folder: one row per key in SQLite, one file per body. Several processes may share it. */
import { randomUUID } from 'node:crypto';
import { open, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ageDays, kinds } from '../store/keys.ts';
import {
  type GetOptions,
  type ObjectAttributes,
  type ObjectStore,
  type PutOptions,
  type StoredBody,
  type StoredObject,
  toPart,
} from '../store/object-store.ts';
import { isFile, linkFile } from './folder-files.ts';
import { openFolder } from './folder-handle.ts';
import type { IndexRow } from './folder-index.ts';
import { createFolderWriter } from './folder-writer.ts';
import { tolerant, toWebStream } from './streams.ts';

export interface FolderStore extends ObjectStore {
  /** Deletes expired objects, and bodies that a crash left without a row. */
  sweep(): Promise<void>;
  close(): void;
}

export interface FolderStoreOptions {
  readonly directory: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** No write pauses for this long, so an older body without a row belongs to a process that has ended. */
const orphanAgeMs = 15 * 60 * 1000;

const dayMs = 24 * 60 * 60 * 1000;

/** Larger bodies are files. A smaller one is in its row, so that its put is one transaction. */
const maxInlineBytes = 64 * 1024;

const pageSize = 1000;

const readSizeBytes = 256 * 1024;

/** Throws if the folder cannot be created or written. */
export function createFolderStore({ directory, now = Date.now }: FolderStoreOptions): FolderStore {
  const folder = openFolder(directory);
  const { bodies } = folder;
  const toPath = (name: string) => join(bodies, name);

  const toFile = (key: string) => join(directory, key);

  /** Readers that have opened a body can still read it. */
  const removeBody = (name: string | null) =>
    name === null ? undefined : unlink(toPath(name)).catch(() => {});

  function toRow(key: string, attributes: ObjectAttributes) {
    const { contentType = null, metadata = {} } = attributes;
    return { key, etag: randomUUID(), contentType, metadata: JSON.stringify(metadata), uploaded: now() };
  }

  function write(key: string, lengthBytes: number | null, attributes: ObjectAttributes & PutOptions) {
    const name = randomUUID();
    let row: IndexRow | null = null;
    const writer = createFolderWriter(bodies, {
      name,
      lengthBytes,
      async commit(sizeBytes) {
        row = { ...toRow(key, attributes), sizeBytes, name, inline: null };
        const { isWritten, replaced } = await folder.index().write(row, attributes.onlyIf);
        if (!isWritten) row = null;
        else if (isFile(key)) await linkFile(toFile(key), toPath(name));
        await removeBody(isWritten ? replaced : name);
      },
    });
    return {
      ...writer,
      async abort() {
        await writer.abort();
        try {
          if (row && folder.index().find(key)?.etag === row.etag) await folder.index().delete([key]);
        } catch {
          // A folder that is missing has no object either.
        }
      },
      written: () => row,
    };
  }

  async function openBody(row: IndexRow, options: GetOptions): Promise<StoredBody | null> {
    const range = toPart(options.range, row.sizeBytes);
    const { start, end } = range;
    if (row.inline !== null) {
      const body = new Blob([row.inline.slice(start, end)]).stream();
      return { ...toStored(row), range, body };
    }
    const file = await open(toPath(row.name ?? '')).catch(() => null);
    if (!file) return null;
    const isWhole = (await file.stat()).size === row.sizeBytes;
    if (!isWhole || start === end) {
      await file.close();
      return isWhole ? { ...toStored(row), range, body: new Blob([]).stream() } : null;
    }
    const stream = file.createReadStream({ start, end: end - 1, highWaterMark: readSizeBytes });
    return { ...toStored(row), range, body: toWebStream(tolerant(stream)) };
  }

  return {
    async head(key) {
      const row = folder.index().find(key);
      return row && toStored(row);
    },

    async get(key, options = {}) {
      // A body may be replaced after its row is read and before its file is opened.
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const row = folder.index().find(key);
        if (!row || (options.ifMatch !== undefined && row.etag !== options.ifMatch)) return null;
        const found = await openBody(row, options);
        if (found) return found;
      }
      return null;
    },

    async put(key, body, options = {}) {
      const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
      if (bytes.length > maxInlineBytes) {
        const writer = write(key, bytes.length, options);
        try {
          await writer.write(bytes);
          await writer.close();
        } catch (cause) {
          await writer.abort();
          throw cause;
        }
        const row = writer.written();
        return row && toStored(row);
      }
      const row = { ...toRow(key, options), sizeBytes: bytes.length, name: null, inline: bytes };
      const { isWritten, replaced } = await folder.index().write(row, options.onlyIf);
      await removeBody(replaced);
      return isWritten ? toStored(row) : null;
    },

    write: (key, { lengthBytes, ...attributes }) => write(key, lengthBytes, attributes),

    async list(prefix, cursor) {
      const keys = folder.index().list({ prefix, after: cursor ?? '', limit: pageSize + 1 });
      const page = keys.slice(0, pageSize);
      return { keys: page, cursor: keys.length > pageSize ? (page.at(-1) ?? null) : null };
    },

    async delete(keys) {
      for (const name of await folder.index().delete(keys)) await removeBody(name);
      for (const key of keys.filter(isFile)) await unlink(toFile(key)).catch(() => {});
    },

    honoursConditions: async () => true,

    async sweep() {
      for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
        const before = now() - ageDays[kind] * dayMs;
        // Bodies go first: on a full disk, the index can write only into the space that they free.
        for (const name of folder.index().findExpired(kinds[kind], before)) await removeBody(name);
        await folder.index().expire(kinds[kind], before);
      }
      for (const name of await readdir(bodies)) {
        const { mtimeMs } = (await stat(toPath(name)).catch(() => null)) ?? {
          mtimeMs: Number.POSITIVE_INFINITY,
        };
        if (mtimeMs < now() - orphanAgeMs && !folder.index().hasBody(name)) await removeBody(name);
      }
    },

    close: folder.close,
  };
}

function toStored({ key, sizeBytes, etag, uploaded, contentType, metadata }: IndexRow): StoredObject {
  return { key, sizeBytes, etag, uploaded: new Date(uploaded), contentType, metadata: JSON.parse(metadata) };
}
