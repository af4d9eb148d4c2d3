/** Maps an AuthFailure to a problem with challenges, by one exhaustive switch. */
import { type ChallengeOptions, toChallenges } from '../../auth/challenge.ts';
import { type AuthFailure, toDetail } from '../../auth/failure.ts';
import { Problem } from '../../problem/problem.ts';
import type { ProblemSlug } from '../../problem/types.ts';

/** For operations that need keys to seal with. */
export function tokensNotConfigured(acceptsKeys = true): Problem {
  const detail = acceptsKeys
    ? 'This gateway issues no tokens and no audio links, because its operator has not set TOKEN_KEYS.'
    : 'This gateway accepts no account keys, because its operator has set BASIC_AUTH=off. Get a token from the identity provider.';
  return new Problem('tokens-not-configured', { detail });
}

/** `ways`: the methods that a challenge may offer. */
export function accessProblem(failure: AuthFailure, ways: ChallengeOptions): Problem {
  const challenges = toChallenges(failure, ways).map((value) => ['WWW-Authenticate', value] as const);
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
    case 'account-not-allowed':
      return 'account-not-allowed';
    case 'resource-not-allowed':
      return 'resource-not-allowed';
    case 'too-many-failures':
      return 'too-many-requests';
    case 'identity-provider-unavailable':
      return 'identity-provider-unavailable';
  }
}
