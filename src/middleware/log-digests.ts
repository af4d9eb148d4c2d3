/** Digests for the request log. They connect its lines to an address or a recording, which the log does not name. */
import type { Context } from 'hono';
import { toAddressBuckets } from '../auth/address-bucket.ts';
import { toDigest } from '../auth/caller.ts';
import type { ProblemSlug } from '../problem/types.ts';
import type { AppEnv } from './app-env.ts';

export interface LogDigests {
  /** The client address, or its /64, if credentials or a rate were rejected; otherwise null. */
  readonly address: string | null;
  /** The sid of a deletion; otherwise null. */
  readonly recording: string | null;
}

/** Failures for which an operator may want to block the address. */
const refusals = new Set<ProblemSlug>([
  'credentials-rejected',
  'invalid-token',
  'invalid-link',
  'account-not-allowed',
  'too-many-requests',
]);

export async function toLogDigests(
  c: Context<AppEnv>,
  operation: string | null,
  clientAddress: () => string,
): Promise<LogDigests> {
  const problem = c.get('problem');
  // The OAuth error of /oauth/token has a reason, but is not a problem.
  const isRefused = problem ? refusals.has(problem) : c.get('reason') !== undefined;
  const sid = operation === 'deleteRecording' ? c.req.param('sid') : undefined;
  return {
    address: isRefused ? await toDigest(['address', toAddressBuckets(clientAddress())[0]]) : null,
    recording: sid === undefined ? null : await toDigest(['sid', sid]),
  };
}
