/** Maps a StagingFailure to a problem, by one exhaustive switch. */

import { Problem } from '../../problem/problem.ts';
import type { StagingFailure } from '../../uploads/failure.ts';

export function stagingProblem(failure: StagingFailure): Problem {
  switch (failure.kind) {
    case 'not-audio':
      return new Problem('invalid-audio', { detail: failure.detail });
    case 'invalid-form':
      return new Problem('invalid-request', {
        detail: failure.detail,
        errors: [{ pointer: '', detail: 'must be a form with one file' }],
      });
    case 'incomplete':
      return new Problem('incomplete-body', {
        detail: 'The body broke off, or its length differs from the one declared.',
      });
    case 'too-large':
      return new Problem('content-too-large', { detail: `The body has at most ${failure.limit} bytes.` });
  }
}
