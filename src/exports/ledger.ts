/**
 * Stores the states, plans and reports of exports in the bucket, so that concurrent writers never undo each other's
 * changes.
 */
import { sleep } from '../primitives/sleep.ts';
import type { ObjectStore, StoredBody } from '../store/object-store.ts';
import { chunkKey, exportKey, fromListKey, listKey, listPrefix, lockKey, parseExportId } from './keys.ts';
import { fromLines } from './rows.ts';
import { advance, type ExportState, isActive } from './state.ts';
import { stored } from './stored.ts';

type ChunkPart = 'plan' | 'report' | 'deletion';

interface Chunk<Row> {
  readonly rows: readonly Row[];
  /** Null if the object does not exist. */
  readonly etag: string | null;
}

interface ChunkLines extends Pick<Chunk<unknown>, 'etag'> {
  readonly lines: Uint8Array | string;
}

/** Every method throws StoreError if the store fails. */
export interface Ledger {
  read(id: string): Promise<ExportState | null>;
  /** False if the ID exists. */
  create(state: ExportState): Promise<boolean>;
  /**
   * Returns the changed state; null if the export does not exist or the change is null. `change` may be called again
   * with a newer state.
   */
  update(
    id: string,
    change: (state: ExportState) => Partial<ExportState> | null,
  ): Promise<ExportState | null>;
  /** The IDs of the account's exports, newest first. */
  list(accountId: string, limit: number): Promise<readonly string[]>;
  /** The ID of the account's running export: the given one if there was none. */
  lock(accountId: string, id: string): Promise<string>;
  readChunk<Row>(id: string, part: ChunkPart, chunk: number): Promise<Chunk<Row>>;
  /** The lines of a chunk; empty if it does not exist. */
  readLines(id: string, part: ChunkPart, chunk: number): Promise<string>;
  /** False if the chunk has changed since it was read. */
  writeChunk(id: string, part: ChunkPart, chunk: number, content: ChunkLines): Promise<boolean>;
}

export interface LedgerOptions {
  readonly store: ObjectStore;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** For concurrent writers. */
const maxAttempts = 12;
/** For R2's limit of one write per second and key; a bucket that fails for longer is the job's concern. */
const maxFailures = 5;
const pauseMs = 150;

/** An export without a state by then never gets one: its creator crashed in between. */
const lockAgeMs = 60_000;

interface Lock {
  readonly id: string;
  readonly at: number;
}

export function createLedger({ store, now = Date.now }: LedgerOptions): Ledger {
  async function load<Value>(key: string): Promise<{ value: Value; etag: string } | null> {
    const object = await store.get(key);
    return object && { value: (await new Response(object.body).json()) as Value, etag: object.etag };
  }

  async function isHeld(lock: Lock): Promise<boolean> {
    const state = (await load<ExportState>(stateKey(lock.id)))?.value;
    return state ? isActive(state) : now() - lock.at < lockAgeMs;
  }

  async function loadLines(id: string, part: ChunkPart, chunk: number) {
    const object = await store.get(chunkKey(toParts(id), part, chunk));
    return { lines: object ? await readText(object) : '', etag: object?.etag ?? null };
  }

  return {
    read: (id) => stored(async () => (await load<ExportState>(stateKey(id)))?.value ?? null),

    create: (state) =>
      stored(async () => {
        await store.put(listKey(toParts(state.id), Date.parse(state.created_at)), '');
        const body = JSON.stringify(state);
        return (await store.put(stateKey(state.id), body, { onlyIf: 'absent' })) !== null;
      }),

    update: (id, change) =>
      stored(async () => {
        for (let attempt = 1; ; attempt += 1) {
          const found = await load<ExportState>(stateKey(id));
          const changed = found && change(found.value);
          if (!found || !changed) return null;
          const next = advance(found.value, changed, new Date(now()));
          const written = await store
            .put(stateKey(id), JSON.stringify(next), { onlyIf: { etag: found.etag } })
            .catch((cause) => {
              if (attempt >= maxFailures) throw cause;
              return null;
            });
          if (written) return next;
          if (attempt === maxAttempts) throw new Error('the state of the export is changed all the time');
          await sleep(pauseMs * attempt * (0.5 + Math.random()));
        }
      }),

    list: (accountId, limit) =>
      stored(async () => {
        const { keys } = await store.list(listPrefix(accountId));
        return keys.slice(0, limit).map(fromListKey);
      }),

    lock: (accountId, id) =>
      stored(async () => {
        const key = lockKey(accountId);
        for (let attempt = 1; ; attempt += 1) {
          const found = await load<Lock>(key);
          if (found?.value.id === id) return id;
          if (found && (await isHeld(found.value))) return found.value.id;
          const lock: Lock = { id, at: now() };
          const onlyIf = found ? { etag: found.etag } : 'absent';
          if (await store.put(key, JSON.stringify(lock), { onlyIf })) return id;
          if (attempt === maxAttempts) throw new Error('the lock of the account is changed all the time');
          await sleep(pauseMs);
        }
      }),

    readChunk: <Row>(id: string, part: ChunkPart, chunk: number) =>
      stored(async () => {
        const { lines, etag } = await loadLines(id, part, chunk);
        return { rows: fromLines<Row>(lines), etag };
      }),

    readLines: (id, part, chunk) => stored(async () => (await loadLines(id, part, chunk)).lines),

    writeChunk: (id, part, chunk, { lines, etag }) =>
      stored(async () => {
        const onlyIf = etag === null ? 'absent' : { etag };
        const options = { contentType: 'application/x-ndjson', onlyIf } as const;
        return (await store.put(chunkKey(toParts(id), part, chunk), lines, options)) !== null;
      }),
  };
}

const stateKey = (id: string) => exportKey(toParts(id), 'state.json');

/** Not by `text`, of whose types workerd warns. */
async function readText({ body }: StoredBody): Promise<string> {
  return new TextDecoder().decode(await new Response(body).arrayBuffer());
}

/** Throws for an invalid ID; routes have validated it. */
export function toParts(id: string) {
  const parts = parseExportId(id);
  if (!parts) throw new RangeError('not the ID of an export');
  return parts;
}
