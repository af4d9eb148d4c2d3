/** Asks the legacy service whether it knows the caller's keys, by one call that changes nothing. */

import { LegacyError, type LegacyFailure } from '../failure.ts';
import type { CallContext, Download } from './context.ts';
import { toKeyVerdict } from './key-verdict.ts';

/**
 * A download of a recording that no account has: the response is short, and the vendor's page documents "Invalid
 * api_key" for this action alone. All parameters are present and well-formed, in case the legacy service checks them
 * before the keys. A sid of zeros would count as missing where PHP's `empty` decides.
 */
const probe = { sid: '9999999999999999', format: 'wav', sample_rate: 8000 } as const;

/** Returns if the keys are valid. Throws LegacyError: `credentials-rejected`, or the failure that prevented a verdict. */
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

/** The legacy service rejected this probe, not a client's request, which says nothing about the keys. */
function toOurOwn(failure: LegacyFailure): LegacyError | null {
  const isRefusal = failure.kind === 'invalid-request' || (failure.kind === 'failed' && failure.status < 500);
  if (!isRefusal) return null;
  const status = failure.kind === 'failed' ? failure.status : 400;
  return new LegacyError({ kind: 'invalid-response', status, reason: 'neither yes nor no to the keys' });
}
