/** What went wrong with the legacy service, as a problem: one exhaustive switch. */
import type { LegacyFailure } from '../../legacy/failure.ts';
import { Problem } from '../../problem/problem.ts';

/** Seconds that a client is asked to wait where the legacy named none. */
const defaultRetryAfter = { processing: 15, 'rate-limited': 30, unavailable: 30 } as const;

/** Retry-After, in seconds. */
export function retryAfter(failure: {
  kind: keyof typeof defaultRetryAfter;
  retryAfter: number | null;
}): [string, string] {
  return ['Retry-After', String(failure.retryAfter ?? defaultRetryAfter[failure.kind])];
}

/** Keys that the caller brought are the caller's to mend (an AuthError's matter); those meant here are the gateway's. */
export function legacyProblem(failure: LegacyFailure): Problem {
  switch (failure.kind) {
    case 'processing':
      return new Problem('recording-processing', {
        detail: 'The recording is still being processed and cannot be changed yet. Try again later.',
        headers: [retryAfter(failure)],
      });
    case 'invalid-request':
      return new Problem('invalid-request', {
        detail: 'The legacy service refused the request as invalid.',
        legacyDescription: failure.description,
      });
    case 'credentials-rejected':
      return new Problem('legacy-credentials-rejected', {
        detail: 'The legacy service does not accept the keys that this gateway holds.',
      });
    case 'file-not-found':
      return new Problem('recording-not-found', { detail: 'The account has no such recording.' });
    case 'no-results':
      return new Problem('legacy-failed', {
        detail: 'The legacy service found nothing where a result was due.',
      });
    case 'recording-failed':
      // It comes as a 404, but the file may well exist: a 404 would make clients forget it.
      return toFailed(failure.description);
    case 'failed':
      return failure.status >= 400 && failure.status < 500
        ? toRefused(failure)
        : toFailed(failure.description);
    case 'rate-limited':
      return new Problem('legacy-rate-limited', {
        detail: 'The legacy service asks for fewer requests.',
        headers: [retryAfter(failure)],
      });
    case 'unavailable':
      return new Problem('legacy-unavailable', {
        detail: 'The legacy service is not available at the moment.',
        headers: [retryAfter(failure)],
      });
    case 'overloaded':
      return new Problem('overloaded', {
        detail: 'Too many requests are waiting for the legacy service. Try again in a moment.',
        headers: [['Retry-After', '1']],
      });
    case 'invalid-response':
      return new Problem('legacy-invalid-response', {
        detail: `The legacy service did not answer in the form of its API: ${failure.reason}.`,
      });
    case 'unreachable':
      return new Problem('legacy-unreachable', { detail: 'The connection to the legacy service failed.' });
    case 'timeout':
      return new Problem('legacy-timeout', { detail: 'The legacy service did not answer in time.' });
    case 'abandoned':
      return new Problem('client-closed-request', { detail: 'The client left before the answer was ready.' });
  }
}

function toRefused({ status, description }: LegacyFailure & { kind: 'failed' }): Problem {
  return new Problem('legacy-refused', {
    status,
    detail: 'The legacy service refused the request.',
    legacyDescription: description,
  });
}

function toFailed(description: string | null): Problem {
  return new Problem('legacy-failed', {
    detail: 'The legacy service failed at the request.',
    legacyDescription: description,
  });
}
