/** What an answer of the legacy means: its words first, then its HTTP status where the words say nothing. */

import type { LegacyFailure } from '../failure.ts';
import type { LegacyCall } from '../wire.ts';
import type { Envelope } from './envelope.ts';

export interface LegacyAnswer {
  /** What was asked for. */
  readonly action: LegacyCall['action'];
  /** Of HTTP. */
  readonly status: number;
  /** Null where the body is no envelope. */
  readonly envelope: Envelope | null;
  /** The header of that name. */
  readonly retryAfter: string | null;
}

/** In seconds. A legacy that asks for more is not believed. */
const maxRetryAfter = 3600;

/** Null is success. `now` in milliseconds, as of Date.now. */
export function classify(answer: LegacyAnswer, now: number = Date.now()): LegacyFailure | null {
  const failure = toFailure(answer, now);
  const isOfRecording = failure?.kind === 'processing' || failure?.kind === 'file-not-found';
  if (!isOfRecording || namesRecording(answer)) return failure;
  // To a list or an upload, whose "File not found" may be about its path, these say no more than that it failed.
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
  // Whatever the result says: nothing was handed out or removed yet.
  if (words.includes('currently being processed')) return { kind: 'processing', retryAfter };
  const known = byWords(words, envelope.description);
  // The words of a failure are believed even from a success: a removal that failed must not pass for one that was done.
  return known ?? (isSuccess ? null : byStatus(status, envelope.description, retryAfter));
}

/** What a status says that needs no words, whatever the body is; null for any other. */
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
    // The page knows 202 with one meaning only.
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
  // Not by an expression that ends in `+$`: on a long run in the middle that takes the square of its length.
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
