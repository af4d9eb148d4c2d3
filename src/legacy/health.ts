/** Health of the legacy service: probed at most once per interval, however often monitors ask. */

import { sleep } from '../primitives/sleep.ts';
import type { CallContext } from './call/context.ts';
import type { LegacyClient } from './client.ts';
import { LegacyError } from './failure.ts';
import type { LegacyCredentials } from './wire.ts';

export interface LegacyHealth {
  /** Time of the last successful probe, in milliseconds since 1970. Throws LegacyError if the service is down. */
  check(context: ProbeContext): Promise<number>;
}

/** A probe has no caller. */
type ProbeContext = Omit<CallContext, 'caller' | 'onOutcome'>;

export interface LegacyHealthOptions {
  readonly legacy: Pick<LegacyClient, 'confirm'>;
  /** The gateway's own keys, if it has any; the probe verifies them as well. */
  readonly credentials: LegacyCredentials | null;
  /** A probe continues without its monitor: strangers who disconnect at once must not cause a call each. */
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

interface Result {
  readonly at: number;
  /** Null if the service is up. */
  readonly error: unknown;
}

/** In milliseconds. */
const keepFor = 10_000;
const pollInterval = 20;

/** Without keys the probe sends none: a response that rejects them proves that the service is up. */
const none: LegacyCredentials = { accessKey: '', secretAccessKey: '' };

export function createLegacyHealth(options: LegacyHealthOptions): LegacyHealth {
  const { legacy, credentials, waitUntil, now = Date.now } = options;
  let known: Result | null = null;
  /** Start of the in-flight probe. On Workers it may never settle, so it expires. */
  let askingSince = Number.NEGATIVE_INFINITY;
  const isRecent = (time: number) => now() - time < keepFor;
  const isFresh = () => known !== null && isRecent(known.at);

  const caller = { credentials: credentials ?? none, accountId: 'health-probe', subject: 'health-probe' };

  async function ask(context: ProbeContext): Promise<unknown> {
    try {
      await legacy.confirm({ ...context, caller, signal: new AbortController().signal });
      return null;
    } catch (error) {
      return !credentials && isAnswer(error) ? null : error;
    }
  }

  async function probe(context: ProbeContext): Promise<Result> {
    const startedAt = now();
    askingSince = startedAt;
    const error = await ask(context);
    if (askingSince === startedAt) askingSince = Number.NEGATIVE_INFINITY;
    known = { at: now(), error };
    return known;
  }

  return {
    async check(context) {
      // Polls shared state, since on Workers a promise ends with the request that created it.
      while (!isFresh() && isRecent(askingSince) && !context.signal.aborted) {
        await sleep(pollInterval);
      }
      if (!isFresh() && isRecent(askingSince)) throw new LegacyError({ kind: 'abandoned' });
      let result = known;
      if (!result || !isFresh()) {
        const probing = probe(context);
        waitUntil(probing);
        result = await probing;
      }
      if (result.error) throw result.error;
      return result.at;
    },
  };
}

/** The legacy service rejects a call without keys with its own description. */
function isAnswer(error: unknown): boolean {
  if (!(error instanceof LegacyError)) return false;
  const { failure } = error;
  if (failure.kind === 'credentials-rejected') return true;
  return failure.kind === 'invalid-response' && failure.reason === 'neither yes nor no to the keys';
}
