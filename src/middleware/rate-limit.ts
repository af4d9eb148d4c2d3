/** Holds a caller to the rate: past it, a 429. */
import type { RateLimit } from '../auth/rate-limit.ts';
import { Problem } from '../problem/problem.ts';

/** Counts one request of `subject`. Throws Problem. */
export async function enforceRate(rateLimit: RateLimit, subject: string): Promise<void> {
  const decision = await rateLimit(`caller:${subject}`);
  if (decision.allowed) return;
  throw new Problem('too-many-requests', {
    detail: 'The caller has exceeded its rate limit. Retry later.',
    headers: [['Retry-After', String(decision.retryAfter)]],
  });
}
