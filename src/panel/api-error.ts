/** Errors of the gateway, as the panel shows them: problem details, token errors and network failures in one shape. */
import { type Problem, RecordingsProblem } from '../../clients/typescript/src/index.ts';

export interface ApiError {
  readonly title: string;
  readonly detail: string;
  /** One sentence for each invalid input. */
  readonly inputs: readonly string[];
  /** Slug of the problem type, described at `/problems/{slug}`; null for errors that are not problems. */
  readonly slug: string | null;
  readonly requestId: string | null;
  readonly status: number | null;
  /** `Retry-After`, in seconds. */
  readonly retryAfter: number | null;
  /** The scope that the token lacks. */
  readonly lacks: string | null;
}

/** Appends the legacy service's own description to the detail, since it is often the most specific. */
export function toApiError(failure: unknown): ApiError {
  if (!(failure instanceof RecordingsProblem)) return unreachable;
  const { status, title, detail, errors, requestId, retryAfterMs, headers, body } = failure;
  const retryAfter = retryAfterMs === null ? null : Math.ceil(retryAfterMs / 1000);
  if (isProblem(body)) {
    const description = body.legacy_description;
    return {
      retryAfter,
      lacks: toScope(headers),
      title,
      detail: description ? `${detail} The legacy service said: “${description}”` : detail,
      inputs: errors.map(
        (error) => `${'parameter' in error ? error.parameter : error.pointer} ${error.detail}`,
      ),
      slug: failure.slug,
      requestId,
      status,
    };
  }
  if (isTokenError(body)) {
    const title = body.error === 'invalid_client' ? 'These keys are not known' : 'No token was issued';
    return { ...unnamed, title, detail: toSentence(body.error_description), status };
  }
  return { ...unnamed, title, detail, status, retryAfter };
}

const unnamed = { inputs: [], slug: null, requestId: null, retryAfter: null, lacks: null };

export const unreachable: ApiError = {
  ...unnamed,
  title: 'The gateway does not respond',
  detail: 'Check your connection, and that the gateway is running. Then try again.',
  status: null,
};

export const unplayable: ApiError = {
  ...unnamed,
  title: 'This browser cannot play the recording',
  detail: 'Neither its WAV nor its MP3. Download it, and play it in another program.',
  status: null,
};

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'type' in body && 'title' in body && 'detail' in body;
}

function isTokenError(body: unknown): body is { error: string; error_description: string } {
  return typeof body === 'object' && body !== null && 'error' in body && 'error_description' in body;
}

/** RFC 6750 section 3.1. */
function toScope(headers: Headers): string | null {
  return (
    /error="insufficient_scope".*\bscope="([^"]+)"/.exec(headers.get('WWW-Authenticate') ?? '')?.[1] ?? null
  );
}

function toSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
