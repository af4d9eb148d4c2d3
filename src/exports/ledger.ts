/** The objects of exports in the bucket: their states, plans and reports, written so that no writer undoes another's. */
import { sleep } from '../primitives/sleep.ts';
import type { ObjectStore, StoredBody } from '../store/object-store.ts';
import { chunkKey, exportKey, fromListKey, listKey, listPrefix, lockKey, parseExportId } from './keys.ts';
import { fromLines, toLines } from './rows.ts';
import { advance, type ExportState, isActive } from './state.ts';

type ChunkPart = 'plan' | 'report' | 'deletion';

interface Chunk<Row> {
  readonly rows: readonly Row[];
  /** Null where there is no such object. */
  readonly etag: string | null;
}

/** Every method rejects where the store fails. */
export interface Ledger {
  read(id: string): Promise<ExportState | null>;
  /** False where there is one of this ID. */
  create(state: ExportState): Promise<boolean>;
  /**
   * The state after the change; null where there is no such export, or the change is null. The change may be asked for
   * more than once, each time for a newer state.
   */
  update(
    id: string,
    change: (state: ExportState) => Partial<ExportState> | null,
  ): Promise<ExportState | null>;
  /** The IDs of the account's exports, newest first. */
  list(accountId: string, limit: number): Promise<readonly string[]>;
  /** The ID of the export that holds the account: the given one, where the account is free. */
  lock(accountId: string, id: string): Promise<string>;
  readChunk<Row>(id: string, part: ChunkPart, chunk: number): Promise<Chunk<Row>>;
  /** False where the chunk has changed since it was read. */
  writeChunk(id: string, part: ChunkPart, chunk: number, content: Chunk<object>): Promise<boolean>;
}

export interface LedgerOptions {
  readonly store: ObjectStore;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Writers that meet, and R2's one write a second to a key. */
const maxAttempts = 12;
const pauseMs = 150;

/** An export whose state is not there by now will never be: its creator died in between. */
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
    const state = (await load<ExportState>(exportKey(toParts(lock.id), 'state.json')))?.value;
    return state ? isActive(state) : now() - lock.at < lockAgeMs;
  }

  return {
    read: async (id) => (await load<ExportState>(exportKey(toParts(id), 'state.json')))?.value ?? null,

    async create(state) {
      const parts = toParts(state.id);
      await store.put(listKey(parts, Date.parse(state.created_at)), '');
      const body = JSON.stringify(state);
      return (await store.put(exportKey(parts, 'state.json'), body, { onlyIf: 'absent' })) !== null;
    },

    async update(id, change) {
      const key = exportKey(toParts(id), 'state.json');
      for (let attempt = 1; ; attempt += 1) {
        const found = await load<ExportState>(key);
        const changed = found && change(found.value);
        if (!found || !changed) return null;
        const next = advance(found.value, changed, new Date(now()));
        const written = await store
          .put(key, JSON.stringify(next), { onlyIf: { etag: found.etag } })
          .catch((cause) => {
            if (attempt === maxAttempts) throw cause;
            return null;
          });
        if (written) return next;
        if (attempt === maxAttempts) throw new Error('the state of the export is changed all the time');
        await sleep(pauseMs * attempt * (0.5 + Math.random()));
      }
    },

    async list(accountId, limit) {
      const { keys } = await store.list(listPrefix(accountId));
      return keys.slice(0, limit).map(fromListKey);
    },

    async lock(accountId, id) {
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
    },

    async readChunk<Row>(id: string, part: ChunkPart, chunk: number) {
      const object = await store.get(chunkKey(toParts(id), part, chunk));
      if (!object) return { rows: [], etag: null };
      return { rows: fromLines<Row>(await readText(object)), etag: object.etag };
    },

    async writeChunk(id, part, chunk, { rows, etag }) {
      const onlyIf = etag === null ? 'absent' : { etag };
      const options = { contentType: 'application/x-ndjson', onlyIf } as const;
      return (await store.put(chunkKey(toParts(id), part, chunk), toLines(rows), options)) !== null;
    },
  };
}

/** Not by `text`, of whose types workerd warns. */
async function readText({ body }: StoredBody): Promise<string> {
  return new TextDecoder().decode(await new Response(body).arrayBuffer());
}

/** Throws for what is no ID: routes have looked at it. */
export function toParts(id: string) {
  const parts = parseExportId(id);
  if (!parts) throw new RangeError('not the ID of an export');
  return parts;
}
