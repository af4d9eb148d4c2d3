/**
 * The job: one step of an export, chosen by the state in the bucket. The engine repeats steps until one returns
 * `end`. All progress is in the bucket, so any engine or run continues where the last step stopped. Longer than other
 * files, because it is one state machine: each kind of step moves the same state on.
 */
import type { CallContext } from '../legacy/call/context.ts';
import { createCallTrace } from '../legacy/call/trace.ts';
import type { LegacyClient } from '../legacy/client.ts';
import { LegacyError } from '../legacy/failure.ts';
import type { ProblemSlug } from '../problem/types.ts';
import { StoreError } from '../store/failure.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { Halt } from './attempts.ts';
import { type BatchLimits, runBatch } from './batch.ts';
import { type CopyServices, copyRecording } from './copy.ts';
import type { ExportKeys } from './credentials.ts';
import { type DeletionServices, runDeletion } from './deletion.ts';
import type { ExportRun, StepResult } from './engine.ts';
import { toProblemSlug, toReaction, toRetryAfter } from './failure.ts';
import { type Ledger, toParts } from './ledger.ts';
import { type ManifestServices, writeManifest } from './manifest.ts';
import { createPacer } from './pacer.ts';
import { planSource } from './plan.ts';
import { countRows, withChunk } from './progress.ts';
import { type PlanRow, type ReportRow, toLines } from './rows.ts';
import { type CopyWork, type ExportState, isActive, isRunning, toFailed } from './state.ts';

export interface JobServices extends CopyServices, DeletionServices, ManifestServices {
  readonly store: ObjectStore;
  readonly legacy: LegacyClient;
  readonly ledger: Ledger;
  readonly keys: ExportKeys;
  /** Pause before processing recordings are tried again. */
  readonly retrySeconds: number;
  readonly limits?: BatchLimits;
  /** Whether this process is about to end, so that another should continue. */
  readonly isStopping?: () => boolean;
  readonly onStatus?: (state: ExportState) => void;
  /** Receives the failures of the bucket and unexpected errors, which the job survives. */
  readonly onFailure?: (id: string, error: unknown) => void;
}

export interface ExportJob {
  /** Never rejects: an engine would give up after some retries. */
  step(run: ExportRun): Promise<StepResult>;
  /** Whether the bucket has not accepted the state of the export, so that the state cannot say so itself. */
  isBlocked(id: string): boolean;
}

/** A step costs money and a few milliseconds; a lost step repeats what was in flight. */
const defaultLimits: BatchLimits = { recordings: 20, bytes: 256 * 1024 * 1024, ms: 120_000 };

/** Rounds after the first. */
const maxRounds = { ofFailing: 3, ofProcessing: 6 };
/** Pause before a round without processing recordings. */
const failedPauseSeconds = 60;
const firstPauseSeconds = 15;
/** Ten minutes each in the end, which adds up to most of a day. */
const maxStalls = 100;
/** A full bucket does not recover by itself, and neither does an unexpected error. */
const maxOwnStalls = 5;
/** While the bucket accepts no state. */
const blockedPauseSeconds = 60;
/** Longer than the pause and the attempts of a step. */
const blockedMs = 180_000;
/** How often a batch checks whether it is still current. */
const checkMs = 250;

export function createExportJob(services: JobServices): ExportJob {
  const { ledger, retrySeconds, limits = defaultLimits } = services;
  const { isStopping = () => false, onStatus = () => {}, onFailure = () => {} } = services;
  /** When each entry expires, since another process may have taken the export over. */
  const blocked = new Map<string, number>();
  const end: StepResult = { kind: 'end' };

  /** Records the result of a step, unless another run has taken over. Pause and cancel are kept. */
  async function commit(
    run: ExportRun,
    change: (state: ExportState) => Partial<ExportState>,
  ): Promise<ExportState | null> {
    let before: ExportState | null = null;
    const after = await ledger.update(run.id, (state) => {
      before = state;
      if (state.run !== run.run) return null;
      const wanted = change(state);
      if (isActive(state)) return { ...wanted, leg: run.leg };
      const {
        status: _status,
        reason: _reason,
        finished_at: _at,
        keys: _keys,
        resumes_at: _next,
        ...rest
      } = wanted;
      return rest;
    });
    if (after && after.status !== (before as ExportState | null)?.status) onStatus(after);
    return after;
  }

  const next = (seconds = 0): StepResult => ({
    kind: 'next',
    seconds: isStopping() ? Math.max(1, seconds) : seconds,
  });

  async function stall(run: ExportRun, reason: ProblemSlug, retryAfter: number | null): Promise<StepResult> {
    let seconds = 0;
    const isOwn = reason === 'store-unavailable' || reason === 'internal-error';
    const max = isOwn ? maxOwnStalls : maxStalls;
    const after = await commit(run, (state) => {
      const stalls = state.stalls + 1;
      if (stalls > max) return toFailed(state, reason);
      const grown = Math.min(firstPauseSeconds * 2 ** (stalls - 1), 600, retrySeconds);
      seconds = Math.max(grown, retryAfter ?? 0);
      const resumes_at = new Date(Date.now() + seconds * 1000).toISOString();
      return isRunning(state.status) ? { stalls, status: 'waiting', reason, resumes_at } : { stalls };
    });
    return after && isActive(after) ? next(seconds) : end;
  }

  async function list(run: ExportRun, state: ExportState & { work: { kind: 'list' } }, context: CallContext) {
    const { source } = state.work;
    const { id, request, chunks: firstChunk } = state;
    const planned = await planSource(services, { id, request, source, firstChunk, context });
    await commit(run, ({ progress, counts }) => {
      const chunks = firstChunk + planned.chunks;
      const isLast = source + 1 >= request.sources.length;
      return {
        chunks,
        counts: [...counts, ...Array.from({ length: planned.chunks }, () => [0, 0, 0, 0, 0] as const)],
        progress: { ...progress, listed: progress.listed + planned.listed },
        stalls: 0,
        work: isLast
          ? toFirstRound(
              Array.from({ length: chunks }, (_, chunk) => chunk),
              false,
            )
          : { kind: 'list', source: source + 1 },
      };
    });
    return next();
  }

  async function copy(run: ExportRun, state: ExportState & { work: CopyWork }, context: CallContext) {
    const { work, request, id } = state;
    const [chunk] = work.chunks;
    if (chunk === undefined) return await finishRound(run, work);
    const isLastRound = {
      ofFailing: work.round >= maxRounds.ofFailing,
      ofProcessing: work.round >= maxRounds.ofProcessing,
    };
    const plan = await ledger.readChunk<PlanRow>(id, 'plan', chunk);
    const report = await ledger.readChunk<ReportRow>(id, 'report', chunk);
    const reported = new Map(report.rows.map((row) => [row.line, row]));
    const isDue = (line: number) => {
      const outcome = reported.get(line)?.outcome;
      return outcome === undefined || outcome === 'waiting' || (outcome === 'failed' && work.retriesFailed);
    };
    const due = [...plan.rows.entries()].filter(([line]) => line >= work.line && isDue(line));
    const pacer = createPacer(request.calls_per_minute);
    const form = { pattern: request.key_pattern, format: request.format, sampleRateHz: request.sample_rate };
    const { accountId } = toParts(id);
    const task = { id, accountId, form, sources: request.sources, context, beforeCall: pacer.next };
    const { rows, halt } = await runBatch({
      due,
      lanes: request.lanes,
      limits,
      copy: (row) => copyRecording(services, task, row),
      isWanted: createWanted(run),
      isLastRound,
    });
    for (const row of rows) reported.set(row.line, row);
    const all = [...reported.values()].sort((one, other) => one.line - other.line);
    if (rows.length > 0) {
      const isWritten = await ledger.writeChunk(id, 'report', chunk, {
        lines: toLines(all),
        etag: report.etag,
      });
      // Another run wrote the chunk; its next step finds the copies of this one.
      if (!isWritten) return next();
    }
    const done = new Set(rows.map(({ line }) => line));
    const left = due.find(([line]) => !done.has(line));
    const counted = countRows(all);
    const failed = all
      .filter(({ outcome }) => outcome === 'failed')
      .map(({ line, problem }) => toFailure(plan.rows[line], problem, chunk))
      .filter((failure) => failure !== null);
    const after = await commit(run, (fresh) => {
      const waitingChunks = counted[2] > 0 ? [...work.waitingChunks, chunk] : work.waitingChunks;
      const hasProcessing =
        work.hasProcessing || rows.some(({ problem }) => problem === 'recording-processing');
      const moved: CopyWork = left
        ? { ...work, line: left[0], hasProcessing }
        : { ...work, chunks: work.chunks.slice(1), line: 0, waitingChunks, hasProcessing };
      return {
        ...withChunk(fresh, chunk, { counted, failed }),
        work: moved,
        stalls: rows.length > 0 ? 0 : fresh.stalls,
      };
    });
    if (!after || !isActive(after)) return end;
    return halt ? await obey(run, halt) : next();
  }

  async function obey(run: ExportRun, { kind, reason, retryAfter, cause }: Halt): Promise<StepResult> {
    if (cause) onFailure(run.id, cause);
    return kind === 'fatal' ? await fail(run, reason) : await stall(run, reason, retryAfter);
  }

  function createWanted(run: ExportRun): () => Promise<boolean> {
    let checkedAt = Number.NEGATIVE_INFINITY;
    let isWanted = true;
    return async () => {
      if (isStopping()) return false;
      if (isWanted && performance.now() - checkedAt >= checkMs) {
        checkedAt = performance.now();
        // If the state cannot be read, the batch goes on; its result needs the bucket anyway.
        const fresh = await ledger.read(run.id).catch(() => undefined);
        if (fresh !== undefined) isWanted = fresh?.run === run.run && isActive(fresh);
      }
      return isWanted;
    };
  }

  /** Starts the next round if recordings wait; otherwise the manifest follows. */
  async function finishRound(run: ExportRun, work: CopyWork): Promise<StepResult> {
    const { round, waitingChunks, hasProcessing } = work;
    if (waitingChunks.length === 0) {
      await commit(run, () => ({ work: { kind: 'manifest' } }));
      return next();
    }
    const seconds = hasProcessing ? retrySeconds : Math.min(retrySeconds, failedPauseSeconds);
    const resumes_at = new Date(Date.now() + seconds * 1000).toISOString();
    await commit(run, () => ({
      work: { ...toFirstRound(waitingChunks, false), round: round + 1 },
      status: 'waiting',
      reason: hasProcessing ? 'recording-processing' : null,
      resumes_at,
    }));
    return next(seconds);
  }

  async function finish(run: ExportRun, state: ExportState): Promise<StepResult> {
    await writeManifest(services, state);
    await commit(run, ({ progress }) => ({
      status: progress.failed > 0 ? 'completed_with_failures' : 'completed',
      finished_at: new Date().toISOString(),
      resumes_at: null,
      keys: null,
    }));
    return end;
  }

  async function fail(run: ExportRun, reason: ProblemSlug): Promise<StepResult> {
    await commit(run, (state) => toFailed(state, reason));
    return end;
  }

  async function work(run: ExportRun, state: ExportState): Promise<StepResult> {
    const caller = await services.keys.open(state);
    const { signal } = new AbortController();
    const context = { caller, signal, trace: createCallTrace(), requestId: run.id, onStoreResult: () => {} };
    switch (state.work.kind) {
      case 'list':
        return await list(run, { ...state, work: state.work }, context);
      case 'copy':
        return await copy(run, { ...state, work: state.work }, context);
      case 'manifest':
        return await finish(run, state);
      case 'delete': {
        const halt = await runDeletion(services, {
          state,
          work: state.work,
          context,
          limits,
          isWanted: createWanted(run),
          commit: (change) => commit(run, change),
        });
        if (halt) return await obey(run, halt);
        const after = await ledger.read(run.id);
        return after && after.run === run.run && isActive(after) ? next() : end;
      }
    }
  }

  async function begin(run: ExportRun): Promise<StepResult> {
    const state = await ledger.read(run.id);
    if (!state || state.run !== run.run || !isActive(state)) return end;
    if (isStopping()) return next(1);
    const isIdle = isRunning(state.status) && state.status !== 'running';
    const started = { status: 'running', reason: null, resumes_at: null } as const;
    const current = isIdle ? await commit(run, () => started) : state;
    if (!current || !isActive(current)) return end;
    return await work(run, current);
  }

  async function recover(run: ExportRun, error: unknown): Promise<StepResult> {
    if (!(error instanceof LegacyError)) {
      const reason = error instanceof StoreError ? 'store-unavailable' : 'internal-error';
      return await obey(run, { kind: 'stall', reason, retryAfter: null, cause: error });
    }
    const { failure } = error;
    const reason = toProblemSlug(failure);
    const isHopeless = ['stop', 'give-up'].includes(toReaction(failure));
    return isHopeless ? await fail(run, reason) : await stall(run, reason, toRetryAfter(failure));
  }

  return {
    isBlocked: (id) => (blocked.get(id) ?? 0) > Date.now(),

    async step(run) {
      try {
        const result = await begin(run).catch((error) => recover(run, error));
        blocked.delete(run.id);
        return result;
      } catch (error) {
        blocked.set(run.id, Date.now() + blockedMs);
        onFailure(run.id, error);
        return next(Math.min(blockedPauseSeconds, retrySeconds));
      }
    },
  };
}

function toFailure(row: PlanRow | undefined, problem: ProblemSlug | null, chunk: number) {
  return row && problem ? { sid: row.sid, type: row.type, id: row.id, problem, chunk } : null;
}

export function toFirstRound(chunks: readonly number[], retriesFailed: boolean): CopyWork {
  return { kind: 'copy', round: 0, chunks, line: 0, waitingChunks: [], hasProcessing: false, retriesFailed };
}
