/** Enforces the callers' rates with a 429. */
import type { Caller } from '../auth/caller.ts';
import type { CallerRate } from '../auth/caller-rate.ts';
import type { RateDecision } from '../auth/rate-limit.ts';
import { Problem } from '../problem/problem.ts';

/** Counts one request, by address if the caller's keys were never verified. Throws Problem. */
export async function enforceRate(
  callerRate: CallerRate,
  caller: Caller,
  { address, isVerified }: { readonly address: string; readonly isVerified: boolean },
): Promise<void> {
  if (caller.authMethod === 'link') assertAllowed(await callerRate.countLink(caller));
  if (isVerified) return await enforceAccountRate(callerRate, caller);
  assertAllowed(await callerRate.countAddress(address));
}

/** Also for requests whose keys a concurrent request has just verified. Throws Problem. */
export async function enforceAccountRate(callerRate: CallerRate, caller: Caller): Promise<void> {
  assertAllowed(await callerRate.count(caller));
}

function assertAllowed(decision: RateDecision): void {
  if (decision.allowed) return;
  throw new Problem('too-many-requests', {
    detail: 'The caller has exceeded its rate limit. Retry later.',
    headers: [['Retry-After', String(decision.retryAfter)]],
  });
}
