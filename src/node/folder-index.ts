/** The rows of a folder store in SQLite: every change is one transaction, on disk before it returns. */
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { PutOptions } from '../store/object-store.ts';
import { busyMs, untilUnlocked } from './sqlite-lock.ts';

export interface IndexRow {
  readonly key: string;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly contentType: string | null;
  /** JSON. */
  readonly metadata: string;
  /** Milliseconds since 1970. */
  readonly uploaded: number;
  /** The file of the body; null if the row holds it. */
  readonly name: string | null;
  readonly inline: Uint8Array | null;
}

export interface FolderIndex {
  find(key: string): IndexRow | null;
  /** `replaced` is the file of the previous body. */
  write(row: IndexRow, onlyIf: PutOptions['onlyIf']): Promise<Written>;
  list(query: ListQuery): string[];
  /** Returns the files of the deleted bodies. */
  delete(keys: readonly string[]): Promise<string[]>;
  /** The files of bodies that `expire` removes. */
  findExpired(prefix: string, before: number): string[];
  expire(prefix: string, before: number): Promise<void>;
  hasBody(name: string): boolean;
  close(): void;
}

interface Written {
  readonly isWritten: boolean;
  readonly replaced: string | null;
}

interface ListQuery {
  readonly prefix: string;
  readonly after: string;
  readonly limit: number;
}

const schema = `
  pragma journal_mode = wal;
  pragma synchronous = full;
  create table if not exists objects (
    key text primary key, etag text not null, size integer not null, content_type text, metadata text not null,
    uploaded integer not null, name text, inline blob
  ) without rowid;
  create index if not exists objects_by_name on objects (name) where name is not null;
`;

/** Sorts after every key with the prefix: keys are compared as UTF-8. */
const last = '\u{10ffff}';

export function createFolderIndex(file: string): FolderIndex {
  const database = new DatabaseSync(file, { timeout: busyMs });
  database.exec(schema);
  // SQLite opens a file that it cannot write, and fails only on the first write.
  database.exec('begin immediate; rollback');
  const find = database.prepare('select * from objects where key = ?');
  const upsert = database.prepare('insert or replace into objects values (?, ?, ?, ?, ?, ?, ?, ?)');
  const list = database.prepare(
    'select key from objects where key >= ? and key < ? and key > ? order by key limit ?',
  );
  const remove = database.prepare('delete from objects where key = ? returning name');
  const isExpired = 'from objects where key >= ? and key < ? and uploaded < ?';
  const findExpired = database.prepare(`select name ${isExpired}`);
  const expire = database.prepare(`delete ${isExpired}`);
  const hasBody = database.prepare('select 1 from objects where name = ?');

  /** Without waiting: SQLite's own wait would stop every request of this process. */
  function begin(): void {
    database.exec('pragma busy_timeout = 0');
    try {
      database.exec('begin immediate');
    } finally {
      database.exec(`pragma busy_timeout = ${busyMs}`);
    }
  }

  /** BEGIN IMMEDIATE, so that the condition and the write see the same row despite other processes. */
  function attempt<Value>(work: () => Value): Value {
    begin();
    try {
      const value = work();
      database.exec('commit');
      return value;
    } catch (cause) {
      if (database.isTransaction) database.exec('rollback');
      throw cause;
    }
  }

  const transact = <Value>(work: () => Value) => untilUnlocked(() => attempt(work));

  function get(key: string): IndexRow | null {
    const row = find.get(key);
    return row ? toIndexRow(row) : null;
  }

  return {
    find: get,
    write: (row, onlyIf) =>
      transact(() => {
        const current = get(row.key);
        if (!holds(current, onlyIf)) return { isWritten: false, replaced: null };
        const { key, etag, sizeBytes, contentType, metadata, uploaded, name, inline } = row;
        upsert.run(key, etag, sizeBytes, contentType, metadata, uploaded, name, inline);
        return { isWritten: true, replaced: current?.name ?? null };
      }),
    list: ({ prefix, after, limit }) =>
      list.all(prefix, prefix + last, after, limit).map(({ key }) => String(key)),
    delete: (keys) => transact(() => toNames(keys.flatMap((key) => remove.all(key)))),
    findExpired: (prefix, before) => toNames(findExpired.all(prefix, prefix + last, before)),
    expire: (prefix, before) => transact(() => void expire.run(prefix, prefix + last, before)),
    hasBody: (name) => hasBody.get(name) !== undefined,
    close: () => database.close(),
  };
}

function holds(current: IndexRow | null, onlyIf: PutOptions['onlyIf']): boolean {
  if (onlyIf === undefined) return true;
  return onlyIf === 'absent' ? current === null : current?.etag === onlyIf.etag;
}

function toIndexRow(row: Readonly<Record<string, SQLOutputValue>>): IndexRow {
  const { key, etag, size, content_type, metadata, uploaded, name, inline } = row;
  return {
    key: String(key),
    etag: String(etag),
    sizeBytes: Number(size),
    contentType: content_type === null ? null : String(content_type),
    metadata: String(metadata),
    uploaded: Number(uploaded),
    name: name === null ? null : String(name),
    inline: inline instanceof Uint8Array ? inline : null,
  };
}

function toNames(rows: readonly Readonly<Record<string, SQLOutputValue>>[]): string[] {
  return rows.flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
}
