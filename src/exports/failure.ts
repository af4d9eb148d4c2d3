/** Maps a failed call to the problem in the export's report and to the job's reaction. */
import type { LegacyFailure } from '../legacy/failure.ts';
import type { ProblemSlug } from '../problem/types.ts';

/**
 * `stop` ends the export until it is resumed with other keys; `back-off` pauses the whole export; `wait` leaves the
 * recording for the next round; `repeat` retries it at once, then leaves it for the next round; `give-up` fails the
 * recording.
 */
export type Reaction = 'stop' | 'back-off' | 'wait' | 'repeat' | 'give-up';

export function toReaction(failure: LegacyFailure): Reaction {
  switch (failure.kind) {
    case 'credentials-rejected':
      return 'stop';
    case 'rate-limited':
    case 'unavailable':
    case 'overloaded':
      return 'back-off';
    case 'processing':
      return 'wait';
    case 'file-not-found':
    case 'no-results':
    case 'invalid-request':
      return 'give-up';
    case 'failed':
      return failure.status >= 400 && failure.status < 500 ? 'give-up' : 'repeat';
    case 'recording-failed':
    case 'invalid-response':
    case 'unreachable':
    case 'timeout':
    case 'abandoned':
    case 'slow-client':
      return 'repeat';
  }
}

/** The same problem that a request would get. */
export function toProblemSlug(failure: LegacyFailure): ProblemSlug {
  switch (failure.kind) {
    case 'processing':
      return 'recording-processing';
    case 'invalid-request':
      return 'invalid-request';
    case 'credentials-rejected':
      return 'legacy-credentials-rejected';
    case 'file-not-found':
      return 'recording-not-found';
    case 'no-results':
    case 'recording-failed':
      return 'legacy-failed';
    case 'failed':
      return failure.status >= 400 && failure.status < 500 ? 'legacy-refused' : 'legacy-failed';
    case 'rate-limited':
      return 'legacy-rate-limited';
    case 'unavailable':
      return 'legacy-unavailable';
    case 'overloaded':
      return 'overloaded';
    case 'invalid-response':
      return 'legacy-invalid-response';
    case 'unreachable':
      return 'legacy-unreachable';
    case 'timeout':
      return 'legacy-timeout';
    case 'abandoned':
    case 'slow-client':
      return 'client-closed-request';
  }
}

/** In seconds; null if the legacy service does not say. */
export function toRetryAfter(failure: LegacyFailure): number | null {
  return 'retryAfter' in failure ? failure.retryAfter : null;
}
