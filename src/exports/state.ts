/** The state of an export: one object in the bucket with its progress and its next work. */
import type { AudioFormat } from '../audio/formats.ts';
import type { ProblemSlug } from '../problem/types.ts';

export const exportStatuses = [
  ...(['queued', 'running', 'waiting', 'paused'] as const),
  ...(['completed', 'completed_with_failures', 'failed', 'canceled'] as const),
];
export type ExportStatus = (typeof exportStatuses)[number];

export interface ExportSource {
  readonly type: string;
  readonly id: string;
}

export interface ExportRequest {
  readonly sources: readonly ExportSource[];
  /** Days on the clock of the legacy service, inclusive. */
  readonly from: string | null;
  readonly to: string | null;
  readonly format: AudioFormat;
  readonly sample_rate: number;
  readonly key_pattern: string;
  /** Recordings copied at a time. */
  readonly lanes: number;
  readonly calls_per_minute: number;
}

export interface Progress {
  readonly listed: number;
  readonly copied: number;
  readonly skipped: number;
  readonly waiting: number;
  readonly failed: number;
  /** Size of the copied recordings. */
  readonly bytes: number;
}

export interface ExportFailure extends ExportSource {
  readonly sid: string;
  readonly problem: ProblemSlug;
  /** Index in the plan. */
  readonly chunk: number;
}

/** Of one chunk: copied, skipped, waiting, failed, bytes. */
export type ChunkCounts = readonly [number, number, number, number, number];

/** One change of the status. */
interface HistoryEntry {
  readonly sequence: number;
  readonly at: string;
  readonly status: ExportStatus;
  readonly reason: ProblemSlug | null;
  readonly progress: Progress;
}

export const deletionStatuses = [
  'running',
  'completed',
  'completed_with_failures',
  'failed',
  'canceled',
] as const;

interface Deletion {
  readonly status: (typeof deletionStatuses)[number];
  readonly reason: ProblemSlug | null;
  readonly deleted: number;
  readonly failed: number;
  readonly created_at: string;
  readonly finished_at: string | null;
}

/** The work of the next step. */
type Work =
  | { readonly kind: 'list'; readonly source: number }
  | CopyWork
  | { readonly kind: 'manifest' }
  | { readonly kind: 'delete'; readonly chunk: number; readonly line: number };

export interface CopyWork {
  readonly kind: 'copy';
  /** Round 0 covers all recordings; each later round covers those that wait. */
  readonly round: number;
  /** The chunks left in this round, and the line at which the first of them continues. */
  readonly chunks: readonly number[];
  readonly line: number;
  /** Chunks with recordings for the next round. */
  readonly waitingChunks: readonly number[];
  /** Whether a waiting recording is still being processed. */
  readonly hasProcessing: boolean;
  /** Whether failed recordings are retried. */
  readonly retriesFailed: boolean;
}

export interface ExportState {
  readonly version: 1;
  readonly id: string;
  readonly request: ExportRequest;
  /** Of the request, to distinguish a repeated request from another one under the same `Idempotency-Key`. */
  readonly fingerprint: string;
  /** Digest of the access key: rotated keys of the same account may resume the export. */
  readonly owner: string;
  /** The account's keys, sealed; `gateway` for the gateway's own; null while no run needs any. */
  readonly keys: { readonly sealed: string } | 'gateway' | null;
  readonly status: ExportStatus;
  /** Why the export failed or waits. */
  readonly reason: ProblemSlug | null;
  readonly created_at: string;
  readonly finished_at: string | null;
  /** When a waiting export continues. */
  readonly resumes_at: string | null;
  readonly run: number;
  /** The latest of the engine's instances to have moved the export on; 0 if absent. */
  readonly leg?: number;
  /** Incremented by each write of this object; used as the ID of an event. */
  readonly sequence: number;
  readonly work: Work;
  /** Number of chunks in the plan. */
  readonly chunks: number;
  /** One per chunk, so that a repeated step counts once. */
  readonly counts: readonly ChunkCounts[];
  readonly progress: Progress;
  /** The first failures only. */
  readonly failures: readonly ExportFailure[];
  readonly history: readonly HistoryEntry[];
  /** Consecutive steps without progress. */
  readonly stalls: number;
  readonly deletion: Deletion | null;
  /** Per chunk: deleted, failed. */
  readonly deletion_counts: readonly (readonly [number, number])[];
}

export const maxFailures = 20;
const maxHistory = 200;

export const noProgress: Progress = { listed: 0, copied: 0, skipped: 0, waiting: 0, failed: 0, bytes: 0 };

/** Whether a run has work to do. */
export function isActive({ status, deletion }: ExportState): boolean {
  return isRunning(status) || deletion?.status === 'running';
}

export function isRunning(status: ExportStatus): boolean {
  return status === 'queued' || status === 'running' || status === 'waiting';
}

/** Whether everything that can be copied was copied. */
export function isCompleted(status: ExportStatus): boolean {
  return status === 'completed' || status === 'completed_with_failures';
}

/** A failed deletion leaves the export's status unchanged. */
export function toFailed({ deletion }: ExportState, reason: ProblemSlug): Partial<ExportState> {
  const finished_at = new Date().toISOString();
  if (deletion?.status === 'running') {
    return { deletion: { ...deletion, status: 'failed', reason, finished_at }, keys: null };
  }
  return { status: 'failed', reason, finished_at, resumes_at: null, keys: null };
}

/** The next version of the state; a change of the status is added to the history. */
export function advance(state: ExportState, change: Partial<ExportState>, now: Date): ExportState {
  const next = { ...state, ...change, sequence: state.sequence + 1 };
  if (next.status === state.status && next.reason === state.reason) return next;
  const { sequence, status, reason, progress } = next;
  const entry = { sequence, at: now.toISOString(), status, reason, progress };
  return { ...next, history: [...state.history, entry].slice(-maxHistory) };
}
