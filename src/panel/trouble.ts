/** What went wrong, in words for the person at the panel. */
import type { Problem } from '../../dist/client/index.ts';

export interface Trouble {
  readonly title: string;
  readonly detail: string;
  /** Each bad input. */
  readonly inputs: readonly string[];
  /** Of the problem type, whose description `/problems/{slug}` gives; null where the gateway had no say. */
  readonly slug: string | null;
  readonly requestId: string | null;
  readonly status: number | null;
  /** In seconds: how long to wait before another try. */
  readonly retryAfter: number | null;
  /** The scope that the token would have needed. */
  readonly lacks: string | null;
}

/** Of the answer, if there is one. */
type Answer = Pick<Response, 'status' | 'headers'> | null;

/** What the legacy service said itself counts as detail: it is often the best there is. */
export function toTrouble(body: unknown, answer: Answer): Trouble {
  if (!answer) return unreachable;
  const { status, headers } = answer;
  const retryAfter = Number(headers.get('Retry-After')) || null;
  if (isProblem(body)) {
    const words = body.legacy_description;
    return {
      retryAfter,
      lacks: toScope(headers),
      title: body.title,
      detail: words ? `${body.detail} The legacy service said: “${words}”` : body.detail,
      inputs: (body.errors ?? []).map(
        (error) => `${'parameter' in error ? error.parameter : error.pointer} ${error.detail}`,
      ),
      slug: body.type.split('/').pop() ?? null,
      requestId: body.request_id,
      status,
    };
  }
  if (isTokenError(body)) {
    const title = body.error === 'invalid_client' ? 'These keys are not known' : 'No token was issued';
    return { ...unnamed, title, detail: toSentence(body.error_description), status };
  }
  return {
    ...unnamed,
    title: 'Unexpected answer',
    detail: `The gateway answered with HTTP status ${status}.`,
    status,
    retryAfter,
  };
}

const unnamed = { inputs: [], slug: null, requestId: null, retryAfter: null, lacks: null };

export const unreachable: Trouble = {
  ...unnamed,
  title: 'The gateway does not answer',
  detail: 'Check your connection, and that the gateway is running. Then try again.',
  status: null,
};

export const unplayable: Trouble = {
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

function toSentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
