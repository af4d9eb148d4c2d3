/**
 * Runs one batch of an export: some recordings of a chunk, in lanes, until a limit on number, bytes or time is
 * reached.
 */
import { LegacyError, type LegacyFailure } from '../legacy/failure.ts';
import { sleep } from '../primitives/sleep.ts';
import type { ProblemSlug } from '../problem/types.ts';
import { StoreError } from '../store/failure.ts';
import type { Copied } from './copy.ts';
import { toProblemSlug, toReaction, toRetryAfter } from './failure.ts';
import type { PlanRow, ReportRow } from './rows.ts';

export interface BatchLimits {
  readonly recordings: number;
  readonly bytes: number;
  readonly ms: number;
}

export interface BatchOptions {
  /** The due recordings, by their line in the plan. */
  readonly due: readonly (readonly [line: number, row: PlanRow])[];
  readonly lanes: number;
  readonly limits: BatchLimits;
  /** Throws LegacyError or StoreError. */
  readonly copy: (row: PlanRow) => Promise<Copied>;
  /** Whether the batch is still current: the export may have been paused, canceled or taken over. */
  readonly isWanted: () => Promise<boolean>;
  /** In the last round, recordings that would wait fail instead. */
  readonly isLastRound: { readonly ofFailing: boolean; readonly ofProcessing: boolean };
}

/** Why a batch ended early. */
export interface Halt {
  /** `fatal` fails the export, `stall` pauses it for a while. */
  readonly kind: 'fatal' | 'stall';
  readonly reason: ProblemSlug;
  /** In seconds; null if unknown. */
  readonly retryAfter: number | null;
}

export interface BatchResult {
  readonly rows: readonly ReportRow[];
  /** Null if the batch ran to its end. */
  readonly halt: Halt | null;
}

const maxAttempts = 3;
const pauseMs = 250;

export async function runBatch(options: BatchOptions): Promise<BatchResult> {
  const { due, lanes, limits, isWanted } = options;
  const queue = due.slice(0, limits.recordings);
  const startedAt = performance.now();
  const rows: ReportRow[] = [];
  /** The latest attempt per sid: a sid in two sources is copied once. */
  const latest = new Map<string, Promise<unknown>>();
  let bytes = 0;
  let halt: Halt | null = null;
  let isOver = false;

  async function work(): Promise<void> {
    for (let next = queue.shift(); next && !isOver; next = queue.shift()) {
      if (!(await isWanted())) {
        isOver = true;
        return;
      }
      const [line, row] = next;
      const before = latest.get(row.sid) ?? Promise.resolve();
      const attempt = before.then(() => attemptRow(line, row, options));
      latest.set(row.sid, attempt);
      const result = await attempt;
      if ('halt' in result) {
        halt = halt?.kind === 'fatal' ? halt : result.halt;
        isOver = true;
        return;
      }
      rows.push(result.row);
      bytes += result.row.outcome === 'copied' ? (result.row.copy?.bytes ?? 0) : 0;
      isOver ||= bytes >= limits.bytes || performance.now() - startedAt >= limits.ms;
    }
  }

  await Promise.all(Array.from({ length: lanes }, work));
  return { rows: rows.sort((one, other) => one.line - other.line), halt };
}

/** Null for a failure that concerns only one recording. */
export function toHalt(failure: LegacyFailure): Halt | null {
  const reason = toProblemSlug(failure);
  switch (toReaction(failure)) {
    case 'stop':
      return { kind: 'fatal', reason, retryAfter: null };
    case 'back-off':
      return { kind: 'stall', reason, retryAfter: toRetryAfter(failure) };
    default:
      return null;
  }
}

async function attemptRow(
  line: number,
  row: PlanRow,
  { copy, isLastRound }: BatchOptions,
): Promise<{ row: ReportRow } | { halt: Halt }> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { row: { line, problem: null, ...(await copy(row)) } };
    } catch (error) {
      if (error instanceof StoreError) {
        return { halt: { kind: 'stall', reason: 'store-unavailable', retryAfter: null } };
      }
      if (!(error instanceof LegacyError)) throw error;
      const problem = toProblemSlug(error.failure);
      const reaction = toReaction(error.failure);
      const halt = toHalt(error.failure);
      if (halt) return { halt };
      if (reaction === 'repeat' && attempt < maxAttempts) {
        await sleep(pauseMs * attempt);
        continue;
      }
      const isLast = reaction === 'wait' ? isLastRound.ofProcessing : isLastRound.ofFailing;
      const isOver = reaction === 'give-up' || isLast;
      return { row: { line, outcome: isOver ? 'failed' : 'waiting', problem, copy: null } };
    }
  }
}
