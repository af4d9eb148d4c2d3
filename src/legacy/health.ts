/** Whether the legacy service answers: asked at most once in a while, however often monitors ask. */

import { sleep } from '../primitives/sleep.ts';
import type { CallContext } from './call/context.ts';
import type { LegacyClient } from './client.ts';
import { LegacyError } from './failure.ts';
import type { LegacyCredentials } from './wire.ts';

export interface LegacyHealth {
  /** When it was last found well, in milliseconds since 1970. Throws LegacyError where it is not. */
  check(context: ProbeContext): Promise<number>;
}

/** A probe acts for no caller of the gateway. */
type ProbeContext = Omit<CallContext, 'caller' | 'onOutcome'>;

export interface LegacyHealthOptions {
  readonly legacy: Pick<LegacyClient, 'confirm'>;
  /** The account's keys where the gateway holds them; they are checked along with the rest. */
  readonly credentials: LegacyCredentials | null;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/** In milliseconds. */
const keepFor = 10_000;
const pollInterval = 20;

/** Without keys the probe sends none: a response that rejects them proves that the service runs. */
const none: LegacyCredentials = { accessKey: '', secretAccessKey: '' };

export function createLegacyHealth(options: LegacyHealthOptions): LegacyHealth {
  const { legacy, credentials, now = Date.now } = options;
  let known: { at: number; error: unknown } | null = null;
  /** When the one began who asks for all, which on Workers may never come to an end. */
  let askingSince = Number.NEGATIVE_INFINITY;
  const isRecent = (time: number) => now() - time < keepFor;
  const isFresh = () => known !== null && isRecent(known.at);

  const caller = { credentials: credentials ?? none, accountId: 'health-probe', subject: 'health-probe' };

  async function ask(context: ProbeContext): Promise<unknown> {
    try {
      await legacy.confirm({ ...context, caller });
      return null;
    } catch (error) {
      return !credentials && isAnswer(error) ? null : error;
    }
  }

  async function askForAll(context: ProbeContext): Promise<unknown> {
    askingSince = now();
    const error = await ask(context);
    askingSince = Number.NEGATIVE_INFINITY;
    // A monitor that hung up has learnt nothing.
    if (error instanceof LegacyError && error.failure.kind === 'abandoned') throw error;
    return error;
  }

  return {
    async check(context) {
      // By looking and not by a promise, which on Workers would end with the request that it belongs to.
      while (!isFresh() && isRecent(askingSince) && !context.signal.aborted) {
        await sleep(pollInterval);
      }
      if (!known || !isFresh()) known = { at: now(), error: await askForAll(context) };
      if (known.error) throw known.error;
      return known.at;
    },
  };
}

/** It refuses a call without keys, in its own words. */
function isAnswer(error: unknown): boolean {
  if (!(error instanceof LegacyError)) return false;
  const { failure } = error;
  if (failure.kind === 'credentials-rejected') return true;
  return failure.kind === 'invalid-response' && failure.reason === 'neither yes nor no to the keys';
}
