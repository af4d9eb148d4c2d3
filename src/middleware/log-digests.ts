/** Digests for the request log: they connect its lines to an address or a recording, which the log does not name. */
import type { Context } from 'hono';
import { toAddressBuckets } from '../auth/address-bucket.ts';
import { toDigest } from '../auth/caller.ts';
import type { ProblemSlug } from '../problem/types.ts';
import type { Platform } from '../services.ts';
import type { AppEnv } from './app-env.ts';

export interface LogDigests {
  /** Of the client address, or of its /64, where credentials or a rate were refused; else null. */
  readonly address: string | null;
  /** Of the sid that a deletion names; else null. */
  readonly recording: string | null;
}

/** Failures by which an operator tells an address to block. */
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
  clientAddress: Platform['clientAddress'],
): Promise<LogDigests> {
  const problem = c.get('problem');
  // The OAuth error of /oauth/token has a reason and is no problem.
  const isRefused = problem ? refusals.has(problem) : c.get('reason') !== undefined;
  const sid = operation === 'deleteRecording' ? c.req.param('sid') : undefined;
  return {
    address: isRefused ? await toDigest(['address', toAddressBuckets(clientAddress(c.req.raw))[0]]) : null,
    recording: sid === undefined ? null : await toDigest(['sid', sid]),
  };
}
