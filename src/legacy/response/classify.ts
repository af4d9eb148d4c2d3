/** Classifies a response of the legacy service: by its description first, then by its HTTP status. */

import type { LegacyFailure } from '../failure.ts';
import type { LegacyCall } from '../wire.ts';
import type { Envelope } from './envelope.ts';

export interface LegacyAnswer {
  /** The requested action. */
  readonly action: LegacyCall['action'];
  /** HTTP status. */
  readonly status: number;
  /** Null if the body is not an envelope. */
  readonly envelope: Envelope | null;
  /** The `Retry-After` header. */
  readonly retryAfter: string | null;
}

/** In seconds. A longer `Retry-After` is ignored. */
const maxRetryAfter = 3600;

/** Null for success. `now` in milliseconds, as Date.now() returns it. */
export function classify(answer: LegacyAnswer, now: number = Date.now()): LegacyFailure | null {
  const failure = toFailure(answer, now);
  const isOfRecording = failure?.kind === 'processing' || failure?.kind === 'file-not-found';
  if (!isOfRecording || namesRecording(answer)) return failure;
  // For a list or an upload these descriptions mean only a failure: "File not found" may refer to an upload's
  // path.
  return { kind: 'failed', status: answer.status, description: answer.envelope?.description || null };
}

function namesRecording({ action }: LegacyAnswer): boolean {
  return action === 'recording.download' || action === 'recording.remove';
}

function toFailure(answer: LegacyAnswer, now: number): LegacyFailure | null {
  const { status, envelope } = answer;
  const retryAfter = parseRetryAfter(answer.retryAfter, now);
  const decided = byStatusAlone(status, retryAfter);
  if (decided) return decided;
  if (!envelope) return { kind: 'invalid-response', status, reason: 'no envelope' };

  const isSuccess = envelope.result === 'success';
  if (isSuccess && (status < 200 || status > 299)) {
    return { kind: 'invalid-response', status, reason: 'success with the status of a failure' };
  }
  const words = normalize(envelope.description);
  // Regardless of the result: nothing was returned or removed yet.
  if (words.includes('currently being processed')) return { kind: 'processing', retryAfter };
  const known = byWords(words, envelope.description);
  // A failure's description overrides `success`, so that a failed removal is not reported as done.
  return known ?? (isSuccess ? null : byStatus(status, envelope.description, retryAfter));
}

/** Statuses that need no description; null for any other. */
export function byStatusAlone(status: number, retryAfter: number | null): LegacyFailure | null {
  if (status === 429) return { kind: 'rate-limited', retryAfter };
  if (status === 503) return { kind: 'unavailable', retryAfter };
  if (status >= 300 && status < 400) return { kind: 'invalid-response', status, reason: 'a redirect' };
  return null;
}

function byWords(words: string, description: string): LegacyFailure | null {
  switch (words) {
    case 'invalid api_key':
      return { kind: 'credentials-rejected' };
    case 'file not found':
      return { kind: 'file-not-found' };
    case 'no results returned':
      return { kind: 'no-results' };
    case 'error in retrieving recording':
    case 'error in removing recording':
      return { kind: 'recording-failed', description };
    default:
      return /^parameter \S+ is required$/.test(words) ? { kind: 'invalid-request', description } : null;
  }
}

function byStatus(status: number, text: string, retryAfter: number | null): LegacyFailure {
  const description = text === '' ? null : text;
  switch (status) {
    // The vendor's page documents a single meaning of 202.
    case 202:
      return description === null
        ? { kind: 'processing', retryAfter }
        : { kind: 'failed', status, description };
    case 400:
      return { kind: 'invalid-request', description };
    case 401:
      return { kind: 'credentials-rejected' };
    default:
      return { kind: 'failed', status, description };
  }
}

/** Ignores case, runs of white space and trailing punctuation. */
function normalize(description: string): string {
  const words = description.toLowerCase().replace(/\s+/g, ' ');
  // Not a pattern that ends in `+$`: it takes quadratic time on a long run in the middle.
  let end = words.length;
  while (end > 0 && ' .,:;!?'.includes(words.charAt(end - 1))) end -= 1;
  return words.slice(0, end);
}

/** RFC 9110, section 10.2.3: seconds or an HTTP date. Returns seconds from 0 to an hour, or null for anything else. */
function parseRetryAfter(header: string | null, now: number): number | null {
  const text = header?.trim() ?? '';
  const seconds = /^\d{1,15}$/.test(text) ? Number(text) : secondsUntil(text, now);
  return seconds === null ? null : Math.min(Math.max(seconds, 0), maxRetryAfter);
}

/** Only the form that RFC 9110, section 5.6.7 lets servers send: `Sun, 06 Nov 1994 08:49:37 GMT`. */
function secondsUntil(text: string, now: number): number | null {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : Math.ceil((time - now) / 1000);
}
