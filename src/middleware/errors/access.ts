/** Access refused, as a problem with its challenges: one exhaustive switch. */
import { toChallenges } from '../../auth/challenge.ts';
import { type AuthFailure, toDetail } from '../../auth/failure.ts';
import { Problem } from '../../problem/problem.ts';
import type { ProblemSlug } from '../../problem/types.ts';

/** Said by whatever can only be made where there are keys to seal with. */
export function tokensNotConfigured(): Problem {
  const detail =
    'This gateway issues no tokens and no audio links, because its operator has not set TOKEN_KEYS.';
  return new Problem('tokens-not-configured', { detail });
}

/** `bearer`: whether any token can be good here. */
export function accessProblem(failure: AuthFailure, bearer: boolean): Problem {
  const challenges = toChallenges(failure, { bearer }).map((value) => ['WWW-Authenticate', value] as const);
  const wait = 'retryAfter' in failure ? [['Retry-After', String(failure.retryAfter)] as const] : [];
  return new Problem(toSlug(failure), { detail: toDetail(failure), headers: [...challenges, ...wait] });
}

function toSlug(failure: AuthFailure): ProblemSlug {
  switch (failure.kind) {
    case 'missing':
      return 'credentials-missing';
    case 'malformed':
    case 'unsupported':
    case 'credentials-rejected':
      return 'credentials-rejected';
    case 'invalid-token':
      return 'invalid-token';
    case 'two-credentials':
      return 'invalid-request';
    case 'invalid-link':
      return 'invalid-link';
    case 'insufficient-scope':
      return 'insufficient-scope';
    case 'too-many-failures':
      return 'too-many-requests';
    case 'identity-provider-unavailable':
      return 'identity-provider-unavailable';
  }
}
