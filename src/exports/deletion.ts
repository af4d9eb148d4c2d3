/** Deletes the originals of an export, each after its copy was read back and matched the digest of the manifest. */

import type { RequestContext } from '../auth/request-context.ts';
import { LegacyError } from '../legacy/failure.ts';
import { createByteReader } from '../primitives/byte-reader.ts';
import type { CreateDigest } from '../primitives/runtime-streams.ts';
import { sleep } from '../primitives/sleep.ts';
import type { ProblemSlug } from '../problem/types.ts';
import { type RemovalServices, removeRecording } from '../recordings/delete.ts';
import { StoreError } from '../store/failure.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { type BatchLimits, type Halt, toHalt } from './batch.ts';
import { toProblemSlug, toReaction } from './failure.ts';
import type { Ledger } from './ledger.ts';
import type { Copy, PlanRow, ReportRow } from './rows.ts';
import type { ExportSource, ExportState } from './state.ts';

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

const pieceSizeBytes = 1024 * 1024;
const maxAttempts = 3;
const pauseMs = 250;

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
  const due = report.rows.filter(({ line, copy }) => line >= work.line && copy !== null && !known.has(line));
  const startedAt = performance.now();
  let halt: Halt | null = null;
  let line = work.line;
  for (const { line: at, copy } of due.slice(0, limits.recordings)) {
    const row = plan.rows[at];
    if (!row || !copy) continue;
    if (performance.now() - startedAt > limits.ms || !(await isWanted())) break;
    const result = await deleteRow(services, task, { row, line: at, copy });
    if ('halt' in result) {
      halt = result.halt;
      break;
    }
    known.set(at, result.row);
    line = at + 1;
  }
  const rows = [...known.values()].sort((one, other) => one.line - other.line);
  const isChanged = rows.length > deleted.rows.length;
  if (isChanged && !(await ledger.writeChunk(id, 'deletion', work.chunk, { rows, etag: deleted.etag })))
    return null;
  const isDone = due.every((row) => known.has(row.line));
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
  const sha256 = await digestCopy(services, copy.key).catch(() => 'unreadable' as const);
  if (sha256 === 'unreadable')
    return { halt: { kind: 'stall', reason: 'store-unavailable', retryAfter: null } };
  if (sha256 !== copy.sha256) return toRow('failed', 'export-copy-damaged', sha256);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await removeRecording(services, { sid, delete_now: true }, context);
      return toRow('deleted', null, sha256);
    } catch (error) {
      // Deleted, except from the audio cache, where it expires.
      if (error instanceof StoreError) return toRow('deleted', null, sha256);
      if (!(error instanceof LegacyError)) throw error;
      if (error.failure.kind === 'file-not-found') return toRow('gone', null, sha256);
      const reason = toProblemSlug(error.failure);
      const reaction = toReaction(error.failure);
      const halt = toHalt(error.failure);
      if (halt) return { halt };
      if (reaction !== 'repeat' || attempt === maxAttempts) return toRow('failed', reason, sha256);
      await sleep(pauseMs * attempt);
    }
  }
}

/** Null without a copy. Rejects if the store fails. */
async function digestCopy({ store, createDigest }: DeletionServices, key: string): Promise<string | null> {
  const object = await store.get(key);
  if (!object) return null;
  const reader = createByteReader(object.body);
  const digest = createDigest();
  for (
    let piece = await reader.read(pieceSizeBytes, pieceSizeBytes);
    piece;
    piece = await reader.read(pieceSizeBytes, pieceSizeBytes)
  ) {
    await digest.update(piece);
    reader.recycle(piece);
  }
  return await digest.end();
}
