/** Whether the outcome of a call proves that the legacy service knows the caller's keys. */
import type { LegacyFailure } from '../failure.ts';

export type KeyVerdict = 'accepted' | 'rejected' | 'unknown';

/** `failure` is null for success. A response about a recording proves the keys: the legacy service checks them first. */
export function toKeyVerdict(failure: LegacyFailure | null): KeyVerdict {
  switch (failure?.kind) {
    case undefined:
    case 'processing':
    case 'file-not-found':
    case 'no-results':
    case 'recording-failed':
      return 'accepted';
    case 'failed':
      // A 404 in the API's own form is the result of a search within the account.
      return failure.status === 404 ? 'accepted' : 'unknown';
    case 'credentials-rejected':
      return 'rejected';
    default:
      return 'unknown';
  }
}

/** Whether the call failed before the legacy service could check the keys, so that a guess learns nothing. */
export function isOutage(failure: LegacyFailure | null): boolean {
  switch (failure?.kind) {
    case 'unreachable':
    case 'timeout':
    case 'unavailable':
    case 'overloaded':
    case 'rate-limited':
      return true;
    case 'invalid-response':
      return failure.status >= 500 || failure.isMalformed === true;
    case 'failed':
      return failure.status >= 500;
    default:
      return false;
  }
}
