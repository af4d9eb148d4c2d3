/** Enforces the narrowing of a caller: the lists, recordings and uploads that its token may access. */
import { AuthError } from '../auth/failure.ts';
import { type ResourceName, reachesResource } from '../auth/narrowing.ts';
import type { RequestContext } from '../auth/request-context.ts';
import type { LegacyClient } from '../legacy/client.ts';
import { createListedSids } from './listed-sids.ts';

/** Each throws AuthError `resource-not-allowed`, and returns without a legacy call for callers that are not narrowed. */
export interface Reach {
  /** A list, or the target of an upload. */
  assertResource(resource: { type: string; id?: string | number | undefined }, context: RequestContext): void;
  /** A recording in the list of a given resource, which need not be searched. */
  assertListedRecording(recording: ListedRecording, context: RequestContext): void;
  /** Also throws LegacyError, if a list must be searched for the recording. */
  assertRecording(sid: string, context: RequestContext): Promise<void>;
}

interface ListedRecording {
  readonly type: string;
  readonly id: string;
  readonly sid: string;
}

export interface ReachOptions {
  readonly legacy: Pick<LegacyClient, 'list'>;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

export function createReach(options: ReachOptions): Reach {
  const isListed = createListedSids(options);

  return {
    assertResource({ type, id }, { caller }) {
      const resource: ResourceName = { type, id: id === undefined ? null : String(id) };
      if (caller.narrowing && !reachesResource(caller.narrowing, resource)) throw notAllowed();
    },

    assertListedRecording({ type, id, sid }, { caller: { narrowing } }) {
      if (!narrowing || narrowing.sids.includes(sid)) return;
      if (!reachesResource(narrowing, { type, id })) throw notAllowed();
    },

    async assertRecording(sid, context) {
      const { narrowing } = context.caller;
      if (!narrowing || narrowing.sids.includes(sid)) return;
      for (const { type, id } of narrowing.resources) {
        // Types without an ID are targets of uploads and have no list.
        if (id !== null && (await isListed(sid, { type, id }, context))) return;
      }
      throw notAllowed();
    },
  };
}

function notAllowed(): AuthError {
  return new AuthError({ kind: 'resource-not-allowed' });
}
