/** A problem: how one is thrown and how it is answered (RFC 9457). */
import { type ProblemSlug, problemTypes } from './types.ts';

/** One bad input: a query, path or header parameter by name, or a place in the body by JSON pointer. */
export type InputError =
  | { readonly parameter: string; readonly detail: string }
  | { readonly pointer: string; readonly detail: string };

export interface ProblemOptions {
  /** What is wrong this time and what to do, in our own words. */
  readonly detail: string;
  /** Only where the type leaves the status to the legacy (`legacy-refused`). */
  readonly status?: number;
  readonly errors?: readonly InputError[];
  /** By name and value; a name may come more than once. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** The legacy's own words, parsed and scrubbed. */
  readonly legacyDescription?: string | null;
}

/** Thrown by handlers; `app.ts` turns it into an answer. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly slug: ProblemSlug;
  readonly options: ProblemOptions;

  constructor(slug: ProblemSlug, options: ProblemOptions) {
    super(`${slug}: ${options.detail}`);
    this.slug = slug;
    this.options = options;
  }

  get status(): number {
    return this.options.status ?? problemTypes[this.slug].status;
  }
}

/** Where a problem occurred: what its body says beside the problem itself. */
export interface Occurrence {
  readonly requestId: string;
  /** The path without the query, which may hold secrets. */
  readonly path: string;
}

/** As the document says; a request with more faults is wrong enough. */
const maxErrors = 100;

/** The answer, by RFC 9457. */
export function toResponse(problem: Problem, occurrence: Occurrence): Response {
  const { detail, errors, headers, legacyDescription } = problem.options;
  const body = {
    type: `/problems/${problem.slug}`,
    title: problemTypes[problem.slug].title,
    status: problem.status,
    detail,
    instance: occurrence.path,
    request_id: occurrence.requestId,
    ...(errors && { errors: errors.slice(0, maxErrors) }),
    ...(legacyDescription && { legacy_description: legacyDescription }),
  };
  const response = new Response(JSON.stringify(body), { status: problem.status });
  response.headers.set('Content-Type', 'application/problem+json');
  for (const [name, value] of headers ?? []) response.headers.append(name, value);
  return response;
}
