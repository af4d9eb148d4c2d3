/** Failures: problems that the gateway sends, connections that fail, and audio that does not become ready. */
import type { Problem, ProblemSlug } from './schema-names.ts';

type InputErrors = NonNullable<Problem['errors']>;

/** A response that is an error. Branch on `slug`. */
export class RecordingsProblem extends Error {
  override readonly name = 'RecordingsProblem';
  readonly status: number;
  /** The last part of the problem's `type`; for the token endpoint OAuth's `error`; `unknown` from another server. */
  readonly slug: ProblemSlug;
  readonly title: string;
  readonly detail: string;
  /** Quote it when you contact the operator. */
  readonly requestId: string | null;
  /** One entry for each invalid input. */
  readonly errors: InputErrors;
  /** From `Retry-After`. */
  readonly retryAfterMs: number | null;
  /** From 1: the attempt that got this response. */
  readonly attempt: number;
  readonly headers: Headers;
  /** The body as parsed from JSON; null if it is not JSON. */
  readonly body: unknown;

  constructor({ status, headers }: Pick<Response, 'status' | 'headers'>, body: unknown, attempt = 1) {
    const given = toMembers(body);
    const detail = given.detail ?? given.error_description ?? `The response has HTTP status ${status}.`;
    super(detail);
    this.status = status;
    this.slug = given.type?.split('/').pop() ?? given.error ?? 'unknown';
    this.title = given.title ?? 'Unexpected response';
    this.detail = detail;
    this.requestId = given.request_id ?? headers.get('X-Request-Id');
    this.errors = given.errors ?? [];
    this.retryAfterMs = toMilliseconds(headers.get('Retry-After'));
    this.attempt = attempt;
    this.headers = headers;
    this.body = body;
  }
}

/** The request did not get a response. Whether it took effect is unknown. */
export class ConnectionFailed extends Error {
  override readonly name = 'ConnectionFailed';
}

/** The recording was still being processed when `timeoutMs` had passed. */
export class AudioNotReady extends Error {
  override readonly name = 'AudioNotReady';
}

type Members = Partial<Problem> & { readonly error?: string; readonly error_description?: string };

function toMembers(body: unknown): Members {
  return typeof body === 'object' && body !== null ? body : {};
}

/** Reads `Retry-After`: seconds or a date (RFC 9110, section 10.2.3). Null if it is neither. */
export function toMilliseconds(retryAfter: string | null): number | null {
  if (retryAfter === null) return null;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}
