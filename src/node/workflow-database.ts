/** The database of openworkflow: a SQLite file, which processes write to in turn, or Postgres. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Backend } from 'openworkflow/internal';
import { ConfigError } from '../config/parse.ts';
import type { StoreConfigs } from '../config/store.ts';
import { untilUnlocked } from './sqlite-lock.ts';

export type WorkflowDatabase = NonNullable<StoreConfigs['workflowDatabase']>;

/** Throws ConfigError if the database cannot be used. */
export async function openWorkflowDatabase(database: WorkflowDatabase): Promise<Backend> {
  try {
    return 'postgres' in database ? await openPostgres(database.postgres) : await openSqlite(database.file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new ConfigError(`WORKFLOW_DATABASE_URL: the database cannot be used: ${reason}`);
  }
}

/** Loaded on use, since it needs a driver. */
async function openPostgres(url: string): Promise<Backend> {
  const { BackendPostgres } = await import('openworkflow/postgres');
  return await BackendPostgres.connect(url);
}

/** Loaded on use, since Node 20 has no SQLite. */
async function openSqlite(file: string): Promise<Backend> {
  const { BackendSqlite } = await import('openworkflow/sqlite');
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return inTurn(await untilUnlocked(() => BackendSqlite.connect(file)));
}

/** openworkflow opens SQLite without a busy timeout, so that each call would fail while another process writes. */
function inTurn<Database extends Backend>(backend: Database): Database {
  return new Proxy(backend, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => untilUnlocked(() => member.apply(target, args));
    },
  });
}
