/** Loads a recording's audio: from the cache, else from the legacy service. */
import type { RequestContext } from '../auth/request-context.ts';
import type { VerifiedAccounts } from '../auth/verified-accounts.ts';
import type { RequestHeaders } from '../http/conditional.ts';
import type { RangeSpec } from '../http/range.ts';
import type { LegacyClient } from '../legacy/client.ts';
import { type AudioCache, noStore } from './cache/audio-cache.ts';
import { cached } from './cache/cached.ts';
import type { AudioFormat } from './formats.ts';
import { createLegacySource, toLegacyRange } from './legacy-source.ts';
import type { Polls, Processing } from './poll.ts';
import type { SkipBudget } from './skip-budget.ts';
import type { AudioSource } from './source.ts';
import type { Wanted } from './stored-source.ts';

export interface AudioServices {
  readonly legacy: LegacyClient;
  /** Null without a store. */
  readonly audioCache: AudioCache | null;
  readonly verifiedAccounts: VerifiedAccounts;
  readonly polls: Polls;
  readonly skipBudget: SkipBudget;
}

export interface AudioQuery {
  readonly sid: string;
  readonly format: AudioFormat;
  readonly sampleRateHz: number;
  /** How long the caller waits for audio that is not ready, in seconds; null to not wait. */
  readonly wait: number | null;
  /** The request's method, which decides whether the audio's bytes are needed. */
  readonly method: string;
  readonly headers: RequestHeaders;
  /** The parsed `Range`; null if it is absent or ignored. */
  readonly range: RangeSpec | null;
}

export type Found = { readonly kind: 'audio'; readonly source: AudioSource } | Processing;

/** The caller opens or closes the source. Throws LegacyError. */
export async function loadAudio(
  services: AudioServices,
  query: AudioQuery,
  context: RequestContext,
): Promise<Found> {
  const { sid, format, sampleRateHz, wait } = query;
  const { caller, signal } = context;
  const audio = { sid, format, sampleRateHz, accountId: caller.accountId };
  const looked = services.audioCache?.lookup(audio, toWanted(query), context.requestId);
  const { result, source, fill } = (await looked) ?? noStore;
  if (result) context.onStoreResult(result);
  if (source) {
    await services.verifiedAccounts.ensure(context).catch(async (error) => {
      await source.close();
      throw error;
    });
    return { kind: 'audio', source };
  }
  const range = toLegacyRange(query.range, query.headers);
  const parameters = { sid, format, sample_rate: sampleRateHz };
  const ask = (until: AbortSignal) =>
    services.legacy.download(parameters, { ...context, signal: until }, range);
  const name = [caller.accountId, sid, format, sampleRateHz].join(' ');
  const waiting = { name, caller, limitMs: (wait ?? 0) * 1000, signal };
  const found = wait === null ? await ask(signal) : await services.polls.wait(ask, waiting);
  services.verifiedAccounts.renew(caller.accountId);
  if (found.kind === 'processing') return found;
  const options = { variant: `${format}-${sampleRateHz}`, signal };
  if (!fill) {
    const onSkip = (bytes: number) => services.skipBudget.spend(caller, bytes);
    return { kind: 'audio', source: createLegacySource(found, { ...options, onSkip }) };
  }
  const fromLegacy = createLegacySource(found, options);
  const whole = () => services.legacy.download(parameters, { caller, signal: new AbortController().signal });
  return { kind: 'audio', source: cached(fromLegacy, fill, whole) };
}

function toWanted({ method, range }: AudioQuery): Wanted {
  return method === 'HEAD' ? 'description' : (range ?? 'whole');
}
