/** Maps a LegacyFailure to a problem, by one exhaustive switch. */
import type { LegacyFailure } from '../../legacy/failure.ts';
import { Problem } from '../../problem/problem.ts';

/** `Retry-After` in seconds, if the legacy service names none. */
const defaultRetryAfter = { processing: 15, 'rate-limited': 30, unavailable: 30 } as const;

/** In seconds. */
export function retryAfter(failure: {
  kind: keyof typeof defaultRetryAfter;
  retryAfter: number | null;
}): [string, string] {
  return ['Retry-After', String(failure.retryAfter ?? defaultRetryAfter[failure.kind])];
}

/** Rejected keys are the gateway's own here. An AuthError reports keys that the caller brought. */
export function legacyProblem(failure: LegacyFailure): Problem {
  switch (failure.kind) {
    case 'processing':
      return new Problem('recording-processing', {
        detail: 'The recording is still being processed and cannot be deleted yet. Retry later.',
        headers: [retryAfter(failure)],
      });
    case 'invalid-request':
      return new Problem('invalid-request', {
        detail: 'The legacy service rejected the request as invalid.',
        legacyDescription: failure.description,
      });
    case 'credentials-rejected':
      return new Problem('legacy-credentials-rejected', {
        detail: 'The legacy service rejected the keys that this gateway holds.',
      });
    case 'file-not-found':
      return new Problem('recording-not-found', { detail: 'The account has no such recording.' });
    case 'no-results':
      return new Problem('legacy-failed', {
        detail: 'The legacy service returned no result where one was expected.',
      });
    case 'recording-failed':
      // The legacy service sends a 404, but the file may exist, and clients would forget it after a 404.
      return toFailed(failure.description);
    case 'failed':
      return failure.status >= 400 && failure.status < 500
        ? toRefused(failure)
        : toFailed(failure.description);
    case 'rate-limited':
      return new Problem('legacy-rate-limited', {
        detail: 'The legacy service limits the rate of requests.',
        headers: [retryAfter(failure)],
      });
    case 'unavailable':
      return new Problem('legacy-unavailable', {
        detail: 'The legacy service is unavailable.',
        headers: [retryAfter(failure)],
      });
    case 'overloaded':
      return new Problem('overloaded', {
        detail: 'The queue for the legacy service is full, so the request was not sent. Retry later.',
        headers: [['Retry-After', '1']],
      });
    case 'invalid-response':
      return new Problem('legacy-invalid-response', {
        detail: `The legacy service sent an invalid response: ${failure.reason}.`,
      });
    case 'unreachable':
      return new Problem('legacy-unreachable', { detail: 'The connection to the legacy service failed.' });
    case 'timeout':
      return new Problem('legacy-timeout', {
        detail: 'The legacy service did not respond before the timeout.',
      });
    case 'abandoned':
    case 'slow-client':
      return new Problem('client-closed-request', {
        detail: 'The client disconnected before the response was ready.',
      });
  }
}

function toRefused({ status, description }: LegacyFailure & { kind: 'failed' }): Problem {
  return new Problem('legacy-refused', {
    status,
    detail: 'The legacy service rejected the request.',
    legacyDescription: description,
  });
}

function toFailed(description: string | null): Problem {
  return new Problem('legacy-failed', {
    detail: 'The legacy service reported a failure.',
    legacyDescription: description,
  });
}
