/**
 * Runs one batch of an export: some recordings of a chunk, in lanes, until a limit on number, bytes or time is
 * reached.
 */
import { attempt, type Halt } from './attempts.ts';
import type { Copied } from './copy.ts';
import { toProblemSlug, toReaction } from './failure.ts';
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

export interface BatchResult {
  readonly rows: readonly ReportRow[];
  /** Null if the batch ran to its end. */
  readonly halt: Halt | null;
}

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
      const attempted = before.then(() => attemptRow(line, row, options));
      latest.set(row.sid, attempted);
      const result = await attempted;
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

  const stop = (error: unknown) => {
    isOver = true;
    throw error;
  };
  await Promise.all(Array.from({ length: lanes }, () => work().catch(stop)));
  return { rows: rows.sort((one, other) => one.line - other.line), halt };
}

async function attemptRow(
  line: number,
  row: PlanRow,
  { copy, isLastRound }: BatchOptions,
): Promise<{ row: ReportRow } | { halt: Halt }> {
  const result = await attempt(() => copy(row));
  if ('halt' in result) return result;
  if ('value' in result) return { row: { line, problem: null, ...result.value } };
  const reaction = toReaction(result.failure);
  const isLast = reaction === 'wait' ? isLastRound.ofProcessing : isLastRound.ofFailing;
  const outcome = reaction === 'give-up' || isLast ? 'failed' : 'waiting';
  return { row: { line, outcome, problem: toProblemSlug(result.failure), copy: null } };
}
