/** The removal of a recording by the legacy service, and of what is kept of it before anybody is told. */

import type { AudioCache } from '../audio/cache/audio-cache.ts';
import type { RequestContext } from '../auth/request-context.ts';
import type { LegacyClient } from '../legacy/client.ts';
import { LegacyError, type LegacyFailure } from '../legacy/failure.ts';
import type { LegacyActions } from '../legacy/wire.ts';
import { Problem } from '../problem/problem.ts';

export interface RemovalServices {
  readonly legacy: Pick<LegacyClient, 'execute'>;
  readonly audioCache: AudioCache | null;
  /** Whoever leaves meanwhile has asked for it all the same. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** Throws LegacyError, or a Problem where the store fails. */
export async function removeRecording(
  { legacy, audioCache, waitUntil }: RemovalServices,
  parameters: LegacyActions['recording.remove'],
  context: RequestContext,
): Promise<void> {
  const removal = legacy.execute({ action: 'recording.remove', parameters }, context);
  if (!audioCache) return await removal;
  const { sid } = parameters;
  const work = removal.then(
    () => purge(audioCache, sid, true),
    async (error) => {
      if (mayBeGone(error)) await purge(audioCache, sid, false);
      throw error;
    },
  );
  waitUntil(work.catch(() => {}));
  await work;
}

async function purge(store: AudioCache, sid: string, closed: boolean): Promise<void> {
  try {
    await store.purge(sid, closed);
  } catch {
    throw new Problem('store-unavailable', {
      detail: "The recording's audio could not be removed from the gateway's store. Send the request again.",
      headers: [['Retry-After', '5']],
    });
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

function mayBeGone(error: unknown): boolean {
  return !(error instanceof LegacyError && refusals.includes(error.failure.kind));
}
