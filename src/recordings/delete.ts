/** Removes a recording at the legacy service, then its stored audio and lists. */

import type { AudioCache, PurgeReason } from '../audio/cache/audio-cache.ts';
import type { RequestContext } from '../auth/request-context.ts';
import type { LegacyClient } from '../legacy/client.ts';
import { LegacyError, type LegacyFailure } from '../legacy/failure.ts';
import type { LegacyActions } from '../legacy/wire.ts';
import { StoreError } from '../store/failure.ts';
import type { RecordingKey } from '../store/keys.ts';
import type { DeletedSids } from './deleted-sids.ts';

export interface RemovalServices {
  readonly legacy: Pick<LegacyClient, 'execute'>;
  /** Both null without a store. */
  readonly audioCache: AudioCache | null;
  readonly deletedSids: DeletedSids | null;
  /** The removal continues when the client disconnects. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** Throws LegacyError, or StoreError if the store fails. */
export async function removeRecording(
  services: RemovalServices,
  parameters: LegacyActions['recording.remove'],
  context: RequestContext,
): Promise<void> {
  const { legacy, audioCache, waitUntil } = services;
  const removal = legacy.execute({ action: 'recording.remove', parameters }, context);
  if (!audioCache) return await removal;
  const recording = { accountId: context.caller.accountId, sid: parameters.sid };
  // A recording that is deleted later is listed until then.
  const isListed = !parameters.delete_now;
  const work = removal.then(
    () => purge(services, recording, { reason: 'deleted', isListed }),
    async (error) => {
      const reason = toPurgeReason(error);
      if (reason) await purge(services, recording, { reason, isListed });
      throw error;
    },
  );
  waitUntil(work.catch(() => {}));
  await work;
}

interface Purge {
  readonly reason: PurgeReason;
  readonly isListed: boolean;
}

async function purge(
  { audioCache, deletedSids }: RemovalServices,
  recording: RecordingKey,
  { reason, isListed }: Purge,
): Promise<void> {
  const purges = [
    audioCache?.purge(recording, reason),
    isListed ? undefined : deletedSids?.add(recording, reason),
  ];
  const failed = (await Promise.allSettled(purges)).find((result) => result.status === 'rejected');
  if (failed) throw new StoreError({ kind: 'not-purged' }, { cause: failed.reason });
}

/**
 * Rejections that leave the recording in place. After any other failure it may be gone, by this call or an earlier
 * one.
 */
const refusals: readonly LegacyFailure['kind'][] = [
  'credentials-rejected',
  'processing',
  'invalid-request',
  'rate-limited',
  'unavailable',
  // Not sent.
  'overloaded',
];

/** Null if the recording is still there. */
function toPurgeReason(error: unknown): PurgeReason | null {
  const kind = error instanceof LegacyError ? error.failure.kind : null;
  if (kind !== null && refusals.includes(kind)) return null;
  return kind === 'file-not-found' ? 'not-found' : 'unknown';
}
