/** Finds out whether the legacy service knows keys, by one call that changes nothing. */

import { LegacyError, type LegacyFailure } from '../failure.ts';
import type { CallContext, Download } from './context.ts';
import { toKeyVerdict } from './key-verdict.ts';

/**
 * A download, since the page documents "Invalid api_key" under that action alone, of a recording that no account has:
 * its answer is short. Every parameter is there and well-formed, so that a legacy that looks at parameters before keys
 * gets as far as the keys; a sid of zeros would count as missing where PHP's `empty` decides.
 */
const probe = { sid: '9999999999999999', format: 'wav', sample_rate: 8000 } as const;

/** Returns when the keys are good. Throws LegacyError: `credentials-rejected`, or whatever kept the answer away. */
export async function verifyCredentials(download: Download, context: CallContext): Promise<void> {
  try {
    const found = await download(probe, context);
    if (found.kind === 'audio') await found.body.cancel();
  } catch (error) {
    if (!(error instanceof LegacyError)) throw error;
    const { failure } = error;
    if (toKeyVerdict(failure) !== 'accepted') throw toOurOwn(failure) ?? error;
  }
}

/** What was refused is this call and no request of a client's, and says nothing about the keys. */
function toOurOwn(failure: LegacyFailure): LegacyError | null {
  const isRefusal = failure.kind === 'invalid-request' || (failure.kind === 'failed' && failure.status < 500);
  if (!isRefusal) return null;
  const status = failure.kind === 'failed' ? failure.status : 400;
  return new LegacyError({ kind: 'invalid-response', status, reason: 'neither yes nor no to the keys' });
}
