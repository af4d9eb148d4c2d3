/**
 * The operations on exports: create, read, pause, resume, cancel, retry, and the deletion of originals. Longer than
 * other files, because they share one lock and one way to restart.
 */
import type { RequestContext } from '../auth/request-context.ts';
import { type VerifiedAccounts, verifyOwnKeys } from '../auth/verified-accounts.ts';
import { sha256Hex } from '../primitives/sha256.ts';
import { Problem } from '../problem/problem.ts';
import { assertReach, toNotFound } from './access.ts';
import { toOwner } from './credentials.ts';
import type { ExportEngine } from './engine.ts';
import { createExportJob, type ExportJob, type JobServices, toFirstRound } from './job.ts';
import { parseExportId, toExportId } from './keys.ts';
import { createLostRuns } from './lost-runs.ts';
import { toNewExport } from './new-export.ts';
import { type ExportRequest, type ExportState, isActive, isCompleted, isRunning } from './state.ts';
import { stored } from './stored.ts';

export interface Exports {
  readonly services: JobServices;
  readonly job: ExportJob;
  readonly engine: ExportEngine;
  /** Returns the export of an earlier request with the same `Idempotency-Key`. Throws Problem. */
  create(
    request: ExportRequest,
    idempotencyKey: string | null,
    context: RequestContext,
  ): Promise<ExportState>;
  /** Throws Problem if the caller has no such export. */
  find(id: string, context: RequestContext): Promise<ExportState>;
  /** Newest first. */
  list(limit: number, context: RequestContext): Promise<readonly ExportState[]>;
  pause(id: string, context: RequestContext): Promise<ExportState>;
  /** Also restarts an export that the engine has lost. */
  resume(id: string, context: RequestContext): Promise<ExportState>;
  cancel(id: string, context: RequestContext): Promise<ExportState>;
  /** Retries the failed recordings. */
  retry(id: string, context: RequestContext): Promise<ExportState>;
  deleteOriginals(id: string, context: RequestContext): Promise<ExportState>;
}

export interface ExportsOptions extends JobServices {
  readonly createEngine: (job: ExportJob) => ExportEngine;
  readonly verifiedAccounts: VerifiedAccounts;
}

export function createExports(options: ExportsOptions): Exports {
  const { ledger, keys, store, verifiedAccounts, createEngine } = options;
  const job = createExportJob(options);
  const engine = createEngine(job);
  const failLost = createLostRuns({ ledger, engine });

  /** Null if it does not exist. */
  async function read(id: string): Promise<ExportState | null> {
    const found = await ledger.read(id);
    const state = found && (await failLost(found));
    if (!state || !isRunning(state.status) || !job.isBlocked(id)) return state;
    return { ...state, status: 'waiting', reason: 'store-unavailable' };
  }

  async function start(state: ExportState): Promise<ExportState> {
    await stored(() => engine.start({ id: state.id, run: state.run, leg: 0 }));
    return state;
  }

  /** If the first request may have crashed before it started the engine, which forgets names after a day. */
  async function startAgain(state: ExportState): Promise<ExportState> {
    return state.status === 'queued' ? await start(state) : state;
  }

  /**
   * Keys that were never accepted, or are revoked, must not show an account's exports. Accepted keys suffice while the
   * legacy service gives no verdict, so that exports can be followed in an outage.
   */
  async function verify(context: RequestContext): Promise<void> {
    await verifyOwnKeys(verifiedAccounts, context).catch((error: unknown) => {
      if (!verifiedAccounts.has(context.caller.accountId)) throw error;
    });
  }

  async function find(id: string, context: RequestContext): Promise<ExportState> {
    const { caller } = context;
    const parts = parseExportId(id);
    const state = parts && (await read(id));
    if (!state) throw toNotFound(caller);
    const isOwn =
      parts?.accountId === caller.accountId || (await toOwner(caller.credentials)) === state.owner;
    if (!isOwn) throw toNotFound(caller);
    assertReach(state.request, caller);
    await verify(context);
    return state;
  }

  async function lock(state: ExportState): Promise<void> {
    const accountId = parseExportId(state.id)?.accountId ?? '';
    let holder = await ledger.lock(accountId, state.id);
    if (holder === state.id) return;
    const other = await read(holder);
    if (other && !isActive(other)) holder = await ledger.lock(accountId, state.id);
    if (holder === state.id) return;
    throw new Problem('export-running', {
      detail: `The account has one export at a time, and ${holder} runs. Wait for its end, pause it or cancel it.`,
      headers: [['Retry-After', '30']],
    });
  }

  async function change(
    id: string,
    toChange: (state: ExportState) => Partial<ExportState> | null,
  ): Promise<ExportState> {
    const after = await ledger.update(id, toChange);
    if (!after)
      throw new Problem('export-conflict', {
        detail: 'The export has just changed. Get it again.',
      });
    options.onStatus?.(after);
    return after;
  }

  /** Starts another run with the caller's keys. */
  async function restart(
    state: ExportState,
    context: RequestContext,
    toChange: (state: ExportState) => Partial<ExportState>,
  ) {
    const kept = await keys.keep(context.caller);
    const { bringsOwnKeys, accountId } = context.caller;
    // Resuming needs keys that the legacy service accepts now, and it has just rejected some.
    const rejection = 'legacy-credentials-rejected';
    if (state.reason === rejection || state.deletion?.reason === rejection) verifiedAccounts.drop(accountId);
    if (bringsOwnKeys) await verifiedAccounts.ensure(context);
    await lock(state);
    const owner = await toOwner(context.caller.credentials);
    const isGateways = kept === 'gateway';
    const after = await change(state.id, (fresh) =>
      fresh.run === state.run
        ? {
            ...toChange(fresh),
            keys: kept,
            owner: isGateways ? fresh.owner : owner,
            run: fresh.run + 1,
            stalls: 0,
            leg: 0,
            resumes_at: null,
          }
        : null,
    );
    return await start(after);
  }

  return {
    services: options,
    job,
    engine,
    find,

    async create(request, idempotencyKey, context) {
      const { caller } = context;
      if (!(await stored(() => store.honoursConditions()))) {
        throw new Problem('exports-not-configured', {
          detail:
            'The store of this gateway ignores conditional writes, so that exports could undo each other.',
        });
      }
      const kept = await keys.keep(caller);
      if (caller.bringsOwnKeys) await verifiedAccounts.ensure(context);
      const { accountId, subject } = caller;
      const text = idempotencyKey === null ? crypto.randomUUID() : JSON.stringify([subject, idempotencyKey]);
      const name = (await sha256Hex(JSON.stringify(['export', accountId, text]))).slice(0, 32);
      const id = toExportId({ accountId, name });
      const fingerprint = await sha256Hex(JSON.stringify(request));
      const known = idempotencyKey === null ? null : await ledger.read(id);
      if (known) return await startAgain(toRepeated(known, fingerprint));
      const state = toNewExport({
        id,
        request,
        fingerprint,
        keys: kept,
        owner: await toOwner(caller.credentials),
      });
      await lock(state);
      if (await ledger.create(state)) {
        options.onStatus?.(state);
        return await start(state);
      }
      const first = await ledger.read(id);
      return await startAgain(toRepeated(first ?? state, fingerprint));
    },

    async list(limit, context) {
      await verify(context);
      const ids = await ledger.list(context.caller.accountId, limit);
      const states = await Promise.all(ids.map(read));
      return states.filter((state) => state !== null);
    },

    async pause(id, context) {
      const state = await find(id, context);
      if (state.status === 'paused') return state;
      if (!isRunning(state.status)) throw conflict(state, 'cannot be paused');
      return await change(id, ({ status }) =>
        isRunning(status) ? { status: 'paused', resumes_at: null } : null,
      );
    },

    async resume(id, context) {
      const state = await find(id, context);
      const { status, deletion } = state;
      const isDeletion = deletion?.status === 'failed' || deletion?.status === 'running';
      if (isCompleted(status) && isDeletion) {
        return await restart(state, context, ({ work }) => ({
          // Retried recordings have come in between.
          work: work.kind === 'delete' ? work : firstDeletion,
          deletion: { ...deletion, status: 'running', reason: null, finished_at: null },
        }));
      }
      if (status === 'canceled' || isCompleted(status)) throw conflict(state, 'cannot be resumed');
      return await restart(state, context, () => ({ status: 'queued', reason: null, finished_at: null }));
    },

    async cancel(id, context) {
      const state = await find(id, context);
      const { status } = state;
      if (status === 'canceled') return state;
      if (isCompleted(status) && state.deletion?.status !== 'running')
        throw conflict(state, 'cannot be canceled');
      const finished_at = new Date().toISOString();
      return await change(id, ({ deletion }) =>
        deletion?.status === 'running'
          ? { deletion: { ...deletion, status: 'canceled', finished_at }, keys: null }
          : { status: 'canceled', finished_at, resumes_at: null, keys: null },
      );
    },

    async retry(id, context) {
      const state = await find(id, context);
      const isIdle = isCompleted(state.status) && !isActive(state);
      if (!isIdle) throw conflict(state, 'cannot be retried');
      if (state.progress.failed === 0) return state;
      return await restart(state, context, ({ counts }) => ({
        status: 'queued',
        finished_at: null,
        work: toFirstRound(
          [...counts.keys()].filter((chunk) => (counts[chunk]?.[3] ?? 0) > 0),
          true,
        ),
      }));
    },

    async deleteOriginals(id, context) {
      const state = await find(id, context);
      if (state.deletion?.status === 'running') return state;
      if (!isCompleted(state.status))
        throw conflict(state, 'has not completed: its originals cannot be deleted');
      const created_at = new Date().toISOString();
      return await restart(state, context, () => ({
        work: firstDeletion,
        deletion: { status: 'running', reason: null, deleted: 0, failed: 0, created_at, finished_at: null },
      }));
    },
  };
}

const firstDeletion = { kind: 'delete', chunk: 0, line: 0 } as const;

function toRepeated(state: ExportState, fingerprint: string): ExportState {
  if (state.fingerprint === fingerprint) return state;
  throw new Problem('idempotency-key-reused', {
    detail: 'The Idempotency-Key was used for another export. Send this one with a new key.',
  });
}

function conflict({ status }: ExportState, text: string): Problem {
  return new Problem('export-conflict', { detail: `The export is ${status} and ${text}.` });
}
