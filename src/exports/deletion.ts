/** Deletes the originals of an export, each after its copy was read back and matched the digest of the manifest. */
import type { RequestContext } from '../auth/request-context.ts';
import { createByteReader } from '../primitives/byte-reader.ts';
import type { CreateDigest } from '../primitives/runtime-streams.ts';
import type { ProblemSlug } from '../problem/types.ts';
import { type RemovalServices, removeRecording } from '../recordings/delete.ts';
import { StoreError } from '../store/failure.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { attempt, type Halt } from './attempts.ts';
import type { BatchLimits } from './batch.ts';
import { toProblemSlug } from './failure.ts';
import type { Ledger } from './ledger.ts';
import { toPieces } from './pieces.ts';
import { type Copy, type PlanRow, type ReportRow, toLines } from './rows.ts';
import type { ExportSource, ExportState } from './state.ts';
import { stored } from './stored.ts';

export interface DeletionServices extends RemovalServices {
  readonly store: ObjectStore;
  readonly ledger: Ledger;
  readonly createDigest: CreateDigest;
}

/** `gone`: the legacy service no longer had the recording. */
interface DeletionRow extends ExportSource {
  readonly sid: string;
  readonly line: number;
  readonly outcome: 'deleted' | 'gone' | 'failed';
  readonly problem: ProblemSlug | null;
  /** Of the copy, as read back before the deletion. */
  readonly sha256: string | null;
  readonly at: string;
}

export interface DeletionTask {
  readonly state: ExportState;
  readonly work: { readonly chunk: number; readonly line: number };
  readonly context: RequestContext;
  readonly limits: BatchLimits;
  readonly isWanted: () => Promise<boolean>;
  readonly commit: (change: (state: ExportState) => Partial<ExportState>) => Promise<unknown>;
}

/** Runs one batch. Null if the deletion continues or has ended. */
export async function runDeletion(services: DeletionServices, task: DeletionTask): Promise<Halt | null> {
  const { ledger } = services;
  const { state, work, limits, isWanted, commit } = task;
  const { id } = state;
  if (work.chunk >= state.chunks) {
    await commit(({ deletion }) => ({ deletion: deletion && toFinished(deletion), keys: null }));
    return null;
  }
  const plan = await ledger.readChunk<PlanRow>(id, 'plan', work.chunk);
  const report = await ledger.readChunk<ReportRow>(id, 'report', work.chunk);
  const deleted = await ledger.readChunk<DeletionRow>(id, 'deletion', work.chunk);
  const known = new Map(deleted.rows.map((row) => [row.line, row]));
  // An earlier deletion may have failed on this one.
  const isDue = (line: number) => (known.get(line)?.outcome ?? 'failed') === 'failed';
  const due = report.rows.flatMap(({ line, copy }): Deletable[] => {
    const row = plan.rows[line];
    return row && copy && line >= work.line && isDue(line) ? [{ row, line, copy }] : [];
  });
  const startedAt = performance.now();
  let halt: Halt | null = null;
  let line = work.line;
  let done = 0;
  for (const deletable of due.slice(0, limits.recordings)) {
    if (performance.now() - startedAt > limits.ms || !(await isWanted())) break;
    const result = await deleteRow(services, task, deletable);
    if ('halt' in result) {
      halt = result.halt;
      break;
    }
    known.set(deletable.line, result.row);
    line = deletable.line + 1;
    done += 1;
  }
  const rows = [...known.values()].sort((one, other) => one.line - other.line);
  const isChanged = done > 0;
  const content = { lines: toLines(rows), etag: deleted.etag };
  if (isChanged && !(await ledger.writeChunk(id, 'deletion', work.chunk, content))) return null;
  const isDone = done === due.length;
  await commit(({ deletion, deletion_counts: counts }) => {
    const failed = rows.filter(({ outcome }) => outcome === 'failed').length;
    const all = [...counts];
    all[work.chunk] = [rows.length - failed, failed];
    return {
      stalls: isChanged ? 0 : state.stalls,
      work: isDone
        ? { kind: 'delete', chunk: work.chunk + 1, line: 0 }
        : { kind: 'delete', chunk: work.chunk, line },
      deletion_counts: all,
      deletion: deletion && { ...deletion, deleted: sum(all, 0), failed: sum(all, 1) },
    };
  });
  return halt;
}

function sum(counts: readonly (readonly [number, number])[], index: 0 | 1): number {
  return counts.reduce((total, chunk) => total + chunk[index], 0);
}

function toFinished(deletion: NonNullable<ExportState['deletion']>): ExportState['deletion'] {
  if (deletion.status !== 'running') return deletion;
  const status = deletion.failed > 0 ? 'completed_with_failures' : 'completed';
  return { ...deletion, status, finished_at: new Date().toISOString() };
}

interface Deletable {
  readonly row: PlanRow;
  readonly line: number;
  readonly copy: Copy;
}

async function deleteRow(
  services: DeletionServices,
  { context }: DeletionTask,
  { row, line, copy }: Deletable,
): Promise<{ row: DeletionRow } | { halt: Halt }> {
  const { sid, type, id } = row;
  const toRow = (outcome: DeletionRow['outcome'], problem: ProblemSlug | null, sha256: string | null) => ({
    row: { sid, type, id, line, outcome, problem, sha256, at: new Date().toISOString() },
  });
  const read = await attempt(() => digestCopy(services, copy.key));
  if (!('value' in read)) return 'halt' in read ? read : toRow('failed', toProblemSlug(read.failure), null);
  const sha256 = read.value;
  if (sha256 !== copy.sha256) return toRow('failed', 'export-copy-damaged', sha256);
  const removed = await attempt(() =>
    removeRecording(services, { sid, delete_now: true }, context).catch(ignoreStoreError),
  );
  if ('halt' in removed) return removed;
  if ('value' in removed) return toRow('deleted', null, sha256);
  if (removed.failure.kind === 'file-not-found') return toRow('gone', null, sha256);
  return toRow('failed', toProblemSlug(removed.failure), sha256);
}

/** The original is deleted, except from the audio cache, where it expires. */
function ignoreStoreError(error: unknown): void {
  if (!(error instanceof StoreError)) throw error;
}

/** Null without a copy. */
function digestCopy({ store, createDigest }: DeletionServices, key: string): Promise<string | null> {
  return stored(async () => {
    const object = await store.get(key);
    if (!object) return null;
    const digest = createDigest();
    for await (const piece of toPieces(createByteReader(object.body))) await digest.update(piece);
    return await digest.end();
  });
}
