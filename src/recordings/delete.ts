/** The removal of a recording by the legacy service, and of what is kept of it before anybody is told. */

import type { AudioCache, PurgeReason } from '../audio/cache/audio-cache.ts';
import type { RequestContext } from '../auth/request-context.ts';
import type { LegacyClient } from '../legacy/client.ts';
import { LegacyError, type LegacyFailure } from '../legacy/failure.ts';
import type { LegacyActions } from '../legacy/wire.ts';
import { StoreError } from '../store/failure.ts';
import type { RecordingKey } from '../store/keys.ts';

export interface RemovalServices {
  readonly legacy: Pick<LegacyClient, 'execute'>;
  readonly audioCache: AudioCache | null;
  /** Whoever leaves meanwhile has asked for it all the same. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** Throws LegacyError, or StoreError where the store fails. */
export async function removeRecording(
  { legacy, audioCache, waitUntil }: RemovalServices,
  parameters: LegacyActions['recording.remove'],
  context: RequestContext,
): Promise<void> {
  const removal = legacy.execute({ action: 'recording.remove', parameters }, context);
  if (!audioCache) return await removal;
  const recording = { accountId: context.caller.accountId, sid: parameters.sid };
  const work = removal.then(
    () => purge(audioCache, recording, 'deleted'),
    async (error) => {
      const reason = toPurgeReason(error);
      if (reason) await purge(audioCache, recording, reason);
      throw error;
    },
  );
  waitUntil(work.catch(() => {}));
  await work;
}

async function purge(audioCache: AudioCache, recording: RecordingKey, reason: PurgeReason): Promise<void> {
  try {
    await audioCache.purge(recording, reason);
  } catch (cause) {
    throw new StoreError({ kind: 'not-purged' }, { cause });
  }
}

/** Refusals that leave the recording where it is. After any other failure it may be gone, by this call or by an earlier one. */
const refusals: readonly LegacyFailure['kind'][] = [
  'credentials-rejected',
  'processing',
  'invalid-request',
  'rate-limited',
  'unavailable',
];

/** Null where the recording is still there. */
function toPurgeReason(error: unknown): PurgeReason | null {
  const kind = error instanceof LegacyError ? error.failure.kind : null;
  if (kind !== null && refusals.includes(kind)) return null;
  return kind === 'file-not-found' ? 'not-found' : 'unknown';
}
