/** A problem: the error that handlers throw, and its response (RFC 9457). */
import { type ProblemSlug, problemTypes } from './types.ts';

/** One invalid input: a query, path or header parameter by name, or a place in the body by JSON pointer. */
export type InputError =
  | { readonly parameter: string; readonly detail: string }
  | { readonly pointer: string; readonly detail: string };

export interface ProblemOptions {
  /** This occurrence of the problem and how to correct it, in our own words. */
  readonly detail: string;
  /** Only for types that take the status from the legacy service (`legacy-refused`). */
  readonly status?: number;
  readonly errors?: readonly InputError[];
  /** Pairs, since a name may occur more than once. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** The legacy service's own description, parsed and scrubbed. */
  readonly legacyDescription?: string | null;
}

/** Thrown by handlers; `app.ts` turns it into a response. */
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

/** Where a problem occurred: the members of its body beside those of the problem itself. */
export interface Occurrence {
  readonly requestId: string;
  /** Of the gateway's URLs; see `PUBLIC_URL`. */
  readonly basePath: string;
  /** Below `basePath`, without the query, which may hold secrets. */
  readonly path: string;
}

/** As documented. */
const maxErrors = 100;

/** The response, by RFC 9457. */
export function toResponse(problem: Problem, occurrence: Occurrence): Response {
  const { detail, errors, headers, legacyDescription } = problem.options;
  const body = {
    type: `${occurrence.basePath}/problems/${problem.slug}`,
    title: problemTypes[problem.slug].title,
    status: problem.status,
    detail,
    instance: `${occurrence.basePath}${occurrence.path}`,
    request_id: occurrence.requestId,
    ...(errors && { errors: errors.slice(0, maxErrors) }),
    ...(legacyDescription && { legacy_description: legacyDescription }),
  };
  const response = new Response(JSON.stringify(body), { status: problem.status });
  response.headers.set('Content-Type', 'application/problem+json');
  for (const [name, value] of headers ?? []) response.headers.append(name, value);
  return response;
}
