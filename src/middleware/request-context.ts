/** Opens a request's context once its caller is known, within the limits on callers and on guesses. */
import type { Context } from 'hono';
import type { StoreResult } from '../audio/cache/audio-cache.ts';
import { toAddressBuckets } from '../auth/address-bucket.ts';
import type { Caller } from '../auth/caller.ts';
import type { LoginAttempt } from '../auth/login-throttle.ts';
import type { RequestContext } from '../auth/request-context.ts';
import { createVerdictSignal } from '../auth/verdict-signal.ts';
import { toKeyVerdict } from '../legacy/call/key-verdict.ts';
import type { LegacyFailure } from '../legacy/failure.ts';
import type { Services } from '../services.ts';
import type { AppEnv } from './app-env.ts';
import { enforceAccountRate, enforceRate } from './rate-limit.ts';

export type ContextServices = Pick<
  Services,
  'callerRate' | 'loginThrottle' | 'verifiedAccounts' | 'clientAddress' | 'waitUntil'
>;

export interface OpenContext {
  readonly context: RequestContext;
  /** Called when the request has its response. */
  end(): Promise<void>;
}

/** Throws Problem or AuthError if a limit is exceeded. */
export async function openContext(
  c: Context<AppEnv>,
  services: ContextServices,
  caller: Caller,
): Promise<OpenContext> {
  const { callerRate, loginThrottle, verifiedAccounts, clientAddress } = services;
  const { signal } = c.req.raw;
  const { accountId, bringsOwnKeys } = caller;
  const buckets = toAddressBuckets(clientAddress(c.req.raw));
  const isVerified = !bringsOwnKeys || verifiedAccounts.has(accountId);
  await enforceRate(callerRate, caller, { address: buckets[0], isVerified });
  const dropRejected = (failure: LegacyFailure | null) => {
    if (toKeyVerdict(failure) === 'rejected') verifiedAccounts.drop(accountId);
  };
  const facts = {
    caller,
    signal,
    trace: c.get('trace'),
    ...c.get('traceContext'),
    requestId: c.get('requestId'),
    onStoreResult: (result: StoreResult) => c.set('storeResult', result),
  };
  if (!bringsOwnKeys) return { context: { ...facts, onOutcome: dropRejected }, end: async () => {} };
  const attempt = await loginThrottle({ buckets, accountId, signal });
  if (attempt.isVerified && !isVerified) await enforceAccountRate(callerRate, caller);
  if (attempt.isVerified) return { context: { ...facts, onOutcome: attempt.record }, end: attempt.end };
  return openUnverified(services, facts, attempt);
}

function openUnverified(
  services: ContextServices,
  facts: RequestContext,
  attempt: LoginAttempt,
): OpenContext {
  const { trace, caller } = facts;
  const verdict = createVerdictSignal(facts.signal, () => trace.attempts > 0);
  let counting: Promise<unknown> | null = null;
  services.waitUntil(verdict.settled);
  return {
    context: {
      ...facts,
      signal: verdict.signal,
      onOutcome(failure) {
        attempt.record(failure);
        verdict.settle();
        // The request was counted by address. Its account is known now, so it counts there.
        if (toKeyVerdict(failure) === 'accepted') counting ??= services.callerRate.count(caller);
      },
    },
    async end() {
      verdict.settle();
      await Promise.all([attempt.end(), counting]);
    },
  };
}
