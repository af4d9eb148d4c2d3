/** Reads one page of a walk: from a snapshot of the list, otherwise from the list itself. */
import type { RequestContext } from '../auth/request-context.ts';
import { type VerifiedAccounts, verifyOwnKeys } from '../auth/verified-accounts.ts';
import type { LegacyClient } from '../legacy/client.ts';
import type { ListWarning } from '../legacy/list/list-warning.ts';
import type { LegacyActions } from '../legacy/wire.ts';
import type { DeletedSids } from './deleted-sids.ts';
import type { IsWanted } from './list-filter.ts';
import { type Order, sortList } from './list-order.ts';
import { LostPositionError, type Position, readPage } from './page.ts';
import { joinStored, parseRecording, type ToLine } from './snapshot-lines.ts';
import type { ListName, ListSnapshots, SnapshotPlace, StoredList } from './snapshots.ts';

/** The end of a page, in the list and in a snapshot of it. */
export interface Place extends Position {
  /** Start of the walk, in milliseconds since 1970: no page is older than the first one. */
  readonly startedAt: number;
  /** Null until a snapshot is known. */
  readonly snapshot: SnapshotPlace | null;
}

export interface WalkServices {
  readonly legacy: Pick<LegacyClient, 'list'>;
  /** Both null without a store. */
  readonly listSnapshots: ListSnapshots | null;
  readonly deletedSids: DeletedSids | null;
  readonly verifiedAccounts: VerifiedAccounts;
  readonly toLine: ToLine;
  /** Called if the store fails while a page is read. */
  readonly onStoreFailure: (cause: unknown, requestId: string) => void;
}

export interface WalkQuery {
  readonly list: LegacyActions['recording.list'];
  readonly order: Order | null;
  readonly isWanted: IsWanted;
  readonly limit: number;
  /** Null for the first page. */
  readonly after: Place | null;
}

export interface WalkPage {
  /** The members of a JSON array, in UTF-8. */
  readonly recordings: Uint8Array;
  /** Null if the list ends with this page. */
  readonly next: Place | null;
  readonly warnings: readonly ListWarning[];
}

const everything = () => true;
const encoder = new TextEncoder();

/** Throws LegacyError, LostPositionError and TooLongToSortError. */
export async function readWalkPage(
  services: WalkServices,
  query: WalkQuery,
  context: RequestContext,
): Promise<WalkPage> {
  const { after, order } = query;
  const walk = createWalk(services, query, context);
  // A first page may be the only one, so it costs no more than without a store. A sorted page needs the whole
  // list.
  const isStored = services.listSnapshots !== null && (after !== null || order !== null);
  return (isStored ? await walk.readStored() : null) ?? (await walk.readPassing(isStored));
}

function createWalk(services: WalkServices, query: WalkQuery, context: RequestContext) {
  const { legacy, listSnapshots, deletedSids, verifiedAccounts, toLine } = services;
  const { list, order, isWanted, limit, after } = query;
  const { caller, requestId } = context;
  const { accountId } = caller;
  const name: ListName = { requestId, accountId, list, order };
  const onStoreFailure = (cause: unknown) => services.onStoreFailure(cause, requestId);
  const startedAt = after?.startedAt ?? Date.now();

  /** Null if there is no snapshot, or reading it fails. */
  async function readStored(): Promise<WalkPage | null> {
    if (after === null) return null;
    const reading = { limit, signal: context.signal };
    const place = after.snapshot;
    const deleting = deletedSids?.read(accountId).catch((cause: unknown) => {
      onStoreFailure(cause);
      return null;
    });
    const resumed = place && (await listSnapshots?.resume(name, place, reading));
    const stored = resumed || (await listSnapshots?.find(name, startedAt, { ...reading, except: place?.id }));
    const deleted = await deleting;
    if (!stored || !deleted) return null;
    await verifyOwnKeys(verifiedAccounts, context);
    return await readOutOf(stored, deleted, Boolean(resumed));
  }

  async function readOutOf(stored: StoredList, deleted: ReadonlySet<string>, startsThere: boolean) {
    const { id, batches } = stored;
    try {
      const page = await readPage(batches, {
        limit,
        after,
        startsThere,
        isWanted: ({ sid, json }) => !deleted.has(sid) && isWanted?.(parseRecording(json)) !== false,
      });
      const { recordings, following, next, warnings } = page;
      const snapshot = following && { id, offset: following.offset };
      return {
        recordings: joinStored(recordings),
        next: next && { ...next, startedAt, snapshot },
        warnings,
      };
    } catch (cause) {
      if (!(cause instanceof LostPositionError)) onStoreFailure(cause);
      return null;
    }
  }

  /** Writes a snapshot on the way, unless another walk writes one. */
  async function readPassing(isStored: boolean): Promise<WalkPage> {
    const claim = isStored ? await listSnapshots?.claim(name, startedAt) : null;
    // A client that disconnects after its page leaves the rest of the list to the snapshot.
    const leaving = new AbortController();
    const leave = () => leaving.abort(context.signal.reason);
    if (context.signal.aborted) leave();
    context.signal.addEventListener('abort', leave, { once: true });
    try {
      const passing = legacy.list(list, claim ? { ...context, signal: leaving.signal } : context);
      const sorted = order ? sortList(passing, order) : passing;
      const teed = claim?.tee(sorted);
      const page = await readPage(teed?.batches ?? sorted, {
        limit,
        after,
        isWanted: isWanted ?? everything,
      });
      const { recordings, following, next, warnings } = page;
      const offset = following && teed ? teed.offsetOf(following) : null;
      const snapshot = claim && offset !== null ? { id: claim.id, offset } : null;
      return {
        recordings: encoder.encode(recordings.map(toLine).join()),
        next: next && { ...next, startedAt, snapshot },
        warnings,
      };
    } finally {
      context.signal.removeEventListener('abort', leave);
    }
  }

  return { readStored, readPassing };
}
