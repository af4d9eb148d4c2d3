/** Tells whether a list of the account contains a recording, and caches the sids of searched lists. */
import type { RequestContext } from '../auth/request-context.ts';
import type { LegacyClient } from '../legacy/client.ts';
import type { LegacyActions } from '../legacy/wire.ts';

type List = LegacyActions['recording.list'];

/** Throws LegacyError. */
export type IsListed = (sid: string, list: List, context: RequestContext) => Promise<boolean>;

export interface ListedSidsOptions {
  readonly legacy: Pick<LegacyClient, 'list'>;
  /** Most sids cached, over all lists. */
  readonly maxSids?: number;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

interface Searched {
  readonly sids: ReadonlySet<string>;
  /** False if the search ended at a hit, or the list has more sids than the cache holds. */
  readonly isComplete: boolean;
  readonly searchedAt: number;
}

/** A recording stays in its list; if it was deleted meanwhile, the legacy service says so. */
const hitLifetimeMs = 300_000;
/** A new recording must become reachable soon. Until then, made-up sids cost no call. */
const missLifetimeMs = 10_000;

export function createListedSids(options: ListedSidsOptions): IsListed {
  const { legacy, maxSids = 200_000, now = Date.now } = options;
  /** By account and list, latest search last. */
  const searches = new Map<string, Searched>();
  let count = 0;

  function forget(key: string): void {
    count -= searches.get(key)?.sids.size ?? 0;
    searches.delete(key);
  }

  function remember(key: string, searched: Searched): void {
    forget(key);
    searches.set(key, searched);
    count += searched.sids.size;
    for (const oldest of searches.keys()) {
      if (count <= maxSids && searches.size <= maxSids / 10) break;
      forget(oldest);
    }
  }

  async function search(sid: string, list: List, context: RequestContext) {
    const sids = new Set<string>();
    let isComplete = true;
    for await (const batch of legacy.list(list, context)) {
      for (const recording of batch) {
        if (sids.size < maxSids / 2) sids.add(recording.sid);
        else isComplete = false;
      }
      if (batch.some((recording) => recording.sid === sid)) {
        return { isFound: true, searched: { sids: sids.add(sid), isComplete: false, searchedAt: now() } };
      }
    }
    return { isFound: false, searched: { sids, isComplete, searchedAt: now() } };
  }

  return async (sid, list, context) => {
    const key = JSON.stringify([context.caller.accountId, list.type, list.id]);
    const known = searches.get(key);
    const ageMs = known ? now() - known.searchedAt : Number.POSITIVE_INFINITY;
    if (known?.sids.has(sid) && ageMs < hitLifetimeMs) return true;
    if (known?.isComplete && ageMs < missLifetimeMs) return false;
    const { isFound, searched } = await search(sid, list, context);
    remember(key, searched);
    return isFound;
  };
}
