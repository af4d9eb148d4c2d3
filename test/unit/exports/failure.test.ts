/** The problems in reports are those that requests get. */
import { expect, test } from 'vitest';
import { toProblemSlug, toReaction } from '../../../src/exports/failure.ts';
import type { LegacyFailure } from '../../../src/legacy/failure.ts';
import { legacyProblem } from '../../../src/middleware/errors/legacy.ts';

const failures: [LegacyFailure, string][] = [
  [{ kind: 'processing', retryAfter: null }, 'wait'],
  [{ kind: 'invalid-request', description: null }, 'give-up'],
  [{ kind: 'credentials-rejected' }, 'stop'],
  [{ kind: 'file-not-found' }, 'give-up'],
  [{ kind: 'no-results' }, 'give-up'],
  [{ kind: 'recording-failed', description: 'x' }, 'repeat'],
  [{ kind: 'failed', status: 410, description: null }, 'give-up'],
  [{ kind: 'failed', status: 500, description: null }, 'repeat'],
  [{ kind: 'rate-limited', retryAfter: 3 }, 'back-off'],
  [{ kind: 'unavailable', retryAfter: null }, 'back-off'],
  [{ kind: 'overloaded' }, 'back-off'],
  [{ kind: 'invalid-response', status: 200, reason: 'x' }, 'repeat'],
  [{ kind: 'unreachable' }, 'repeat'],
  [{ kind: 'timeout' }, 'repeat'],
  [{ kind: 'abandoned' }, 'repeat'],
  [{ kind: 'slow-client' }, 'repeat'],
];

test.each(failures)('%o', (failure, reaction) => {
  expect(toProblemSlug(failure)).toBe(legacyProblem(failure).slug);
  expect(toReaction(failure)).toBe(reaction);
});
