/** Maps every thrown error to its problem. */
import { HTTPException } from 'hono/http-exception';
import type { Caller } from '../../auth/caller.ts';
import type { ChallengeOptions } from '../../auth/challenge.ts';
import { AuthError } from '../../auth/failure.ts';
import { LegacyError } from '../../legacy/failure.ts';
import { Problem } from '../../problem/problem.ts';
import { StoreError } from '../../store/failure.ts';
import { StagingError } from '../../uploads/failure.ts';
import { accessProblem } from './access.ts';
import { legacyProblem } from './legacy.ts';
import { storeProblem } from './store.ts';
import { stagingProblem } from './uploads.ts';

export interface ErrorContext {
  /** Undefined before the request is authenticated. */
  readonly caller: Caller | undefined;
  /** The methods that a challenge may offer. */
  readonly ways: ChallengeOptions;
}

/** Unexpected errors are reported without details. */
export function fromError(error: unknown, { caller, ways }: ErrorContext): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof AuthError) return accessProblem(error.failure, ways);
  if (error instanceof LegacyError) {
    const isCallers = error.failure.kind === 'credentials-rejected' && caller?.bringsOwnKeys;
    if (!isCallers) return legacyProblem(error.failure);
    const authMethod = caller.authMethod === 'basic' ? 'basic' : 'token';
    return accessProblem({ kind: 'credentials-rejected', authMethod }, ways);
  }
  if (error instanceof StoreError) return storeProblem(error);
  if (error instanceof StagingError) return stagingProblem(error.failure);
  // Thrown by the validator for a body that does not match its Content-Type.
  if (error instanceof HTTPException && error.status === 400) {
    const errors = [{ pointer: '', detail: 'is not well-formed JSON' }];
    return new Problem('invalid-request', { detail: 'The body cannot be read.', errors });
  }
  return new Problem('internal-error', {
    detail: 'The gateway failed. Report the request_id to its operator.',
  });
}
