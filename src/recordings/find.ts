/** Finds one recording in its list: in a snapshot, otherwise at the legacy service. */
import type { RequestContext } from '../auth/request-context.ts';
import { verifyOwnKeys } from '../auth/verified-accounts.ts';
import type { LegacyActions } from '../legacy/wire.ts';
import { snapshotLifetimeMs } from './snapshots.ts';
import type { WalkServices } from './walk.ts';

export interface FindQuery {
  readonly list: LegacyActions['recording.list'];
  readonly sid: string;
}

/** Returns the recording as JSON; null if the list does not contain the sid. Throws LegacyError. */
export async function findRecording(
  services: WalkServices,
  query: FindQuery,
  context: RequestContext,
): Promise<string | null> {
  return (await findStored(services, query, context)) ?? (await findListed(services, query, context));
}

/** A snapshot without the recording proves nothing, because the recording may be newer. */
async function findStored(
  services: WalkServices,
  { list, sid }: FindQuery,
  context: RequestContext,
): Promise<string | null> {
  const { listSnapshots, deletedSids, verifiedAccounts, onStoreFailure } = services;
  const { caller, requestId } = context;
  const { accountId } = caller;
  if (!listSnapshots || !deletedSids) return null;
  const since = Date.now() - snapshotLifetimeMs;
  const reading = { limit: 1000, signal: null };
  const stored = await listSnapshots.find({ requestId, accountId, list, order: null }, since, reading);
  if (!stored) return null;
  let json: string | undefined;
  try {
    for await (const batch of stored.batches) {
      json = batch.find((recording) => recording.sid === sid)?.json;
      if (json !== undefined) break;
    }
    if (json === undefined || (await deletedSids.read(accountId)).has(sid)) return null;
  } catch (cause) {
    onStoreFailure(cause, requestId);
    return null;
  }
  await verifyOwnKeys(verifiedAccounts, context);
  return json;
}

async function findListed(
  { legacy, toLine }: WalkServices,
  { list, sid }: FindQuery,
  context: RequestContext,
): Promise<string | null> {
  for await (const batch of legacy.list(list, context)) {
    const found = batch.find((recording) => recording.sid === sid);
    if (found) return toLine(found);
  }
  return null;
}
