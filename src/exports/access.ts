/** Access to exports: a narrowed token reaches only those whose sources it covers, and learns of no others. */
import type { Caller } from '../auth/caller.ts';
import { AuthError } from '../auth/failure.ts';
import { reachesResource } from '../auth/narrowing.ts';
import { Problem } from '../problem/problem.ts';
import type { ExportRequest } from './state.ts';

/** A narrowed token may access an export only if it covers all of its sources. */
export function assertReach({ sources }: ExportRequest, { narrowing }: Caller): void {
  const isReached = !narrowing || sources.every((source) => reachesResource(narrowing, source));
  if (!isReached) throw new AuthError({ kind: 'resource-not-allowed' });
}

/** A narrowed token does not learn of exports that it does not cover. */
export function toNotFound({ narrowing }: Caller): Error {
  if (narrowing) return new AuthError({ kind: 'resource-not-allowed' });
  return new Problem('export-not-found', { detail: 'The account has no such export.' });
}
