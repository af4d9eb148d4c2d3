/** Turns zod's issues into the `errors` of a problem. */
import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type InputError, Problem } from '../problem/problem.ts';

type Target = 'query' | 'param' | 'header' | 'cookie' | 'json' | 'form';

/** The validation hook of every route: throws `invalid-request` before the handler calls the legacy service. */
export function refuseInvalid(
  result: { target: string } & ({ success: true } | { success: false; error: z.ZodError }),
  c: Context,
): void {
  if (result.success) return;
  const target = result.target as Target;
  const errors = result.error.issues.flatMap((issue) => toErrors(issue, target, c));
  throw new Problem('invalid-request', { detail: 'The request has invalid input; see errors.', errors });
}

function toErrors(issue: z.core.$ZodIssue, target: Target, c: Context): InputError[] {
  const place = (path: readonly PropertyKey[]) =>
    target === 'json' ? { pointer: toPointer(path) } : { parameter: String(path[0] ?? '').slice(0, 64) };
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ ...place([...issue.path, key]), detail: 'is unknown' }));
  }
  return [{ ...place(issue.path), detail: toDetail(issue, target, c) }];
}

function toDetail(issue: z.core.$ZodIssue, target: Target, c: Context): string {
  const name = String(issue.path[0] ?? '');
  if (target === 'query' && (c.req.queries(name)?.length ?? 0) > 1) return 'is given more than once';
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return 'is required';
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid'))
    return `must be of type ${issue.expected}`;
  return issue.message;
}

/** A JSON pointer (RFC 6901). */
function toPointer(path: readonly PropertyKey[]): string {
  return path
    .map((key) => `/${String(key).slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
