/** Whether the legacy service answers: asked at most once in a while, however often monitors ask. */
import type { LegacyClient } from './legacy/client.ts';
import { LegacyError } from './legacy/failure.ts';
import type { CallRecord } from './legacy/trace.ts';
import type { LegacyCredentials } from './legacy/wire.ts';

export interface LegacyHealth {
  /** When it was last found well, in milliseconds since 1970. Throws LegacyError where it is not. */
  check(signal: AbortSignal, record?: CallRecord): Promise<number>;
}

export interface LegacyHealthOptions {
  readonly legacy: Pick<LegacyClient, 'confirm'>;
  /** The account's keys where the gateway holds them; they are checked along with the rest. */
  readonly credentials: LegacyCredentials | null;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/** In milliseconds. */
const keepFor = 10_000;

/** Whoever has no keys asks without: that one is missing is as good an answer as any. */
const none: LegacyCredentials = { accessKey: '', secretAccessKey: '' };

export function createLegacyHealth(options: LegacyHealthOptions): LegacyHealth {
  const { legacy, credentials, now = Date.now } = options;
  let known: { at: number; error: unknown } | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;

  async function ask(signal: AbortSignal, record?: CallRecord): Promise<unknown> {
    try {
      await legacy.confirm({ credentials: credentials ?? none, signal, ...record });
      return null;
    } catch (error) {
      return !credentials && isAnswer(error) ? null : error;
    }
  }

  return {
    async check(signal, record) {
      const isFresh = now() - askedAt < keepFor;
      if (!known || !isFresh) {
        askedAt = now();
        const error = await ask(signal, record);
        // A monitor that hung up has learnt nothing.
        if (signal.aborted) throw error;
        known = { at: now(), error };
      }
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
