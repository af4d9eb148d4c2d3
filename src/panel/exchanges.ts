/** The log of the panel's requests and their responses. Keys and tokens never enter it. */
import { signal } from '@preact/signals';
import type { Attempt, AttemptObserver } from '../../clients/typescript/src/index.ts';

export interface Exchange {
  readonly id: number;
  readonly startedAt: Date;
  readonly method: string;
  /** Absolute, without the token of an audio link. */
  readonly url: string;
  /** The type of the credentials that were sent. */
  readonly credentials: 'Basic' | 'Bearer' | null;
  readonly requestHeaders: readonly (readonly [string, string])[];
  /** Text, or a remark in brackets for other content. */
  readonly requestBody: string | null;
  readonly answer: Answer | null;
  /** Why there is no response. */
  readonly failure: string | null;
}

interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | null;
  readonly milliseconds: number;
}

const maxExchanges = 100;
/** In characters. */
const maxBody = 20_000;

/** Newest first. */
export const exchanges = signal<readonly Exchange[]>([]);

let lastId = 0;

/** Starts an entry, and returns the function that completes it. */
export const logAttempt: AttemptObserver = ({ method, url, headers, body }) => {
  const id = ++lastId;
  const started = performance.now();
  const sent = new Headers(headers);
  const scheme = sent.get('Authorization')?.split(' ')[0];
  const exchange: Exchange = {
    id,
    startedAt: new Date(),
    method,
    url: withoutSecrets(url),
    credentials: scheme === 'Basic' || scheme === 'Bearer' ? scheme : null,
    requestHeaders: [...sent].filter(([name]) => name !== 'authorization'),
    requestBody: toRequestBody(body),
    answer: null,
    failure: null,
  };
  exchanges.value = [exchange, ...exchanges.value].slice(0, maxExchanges);
  const complete = (rest: Partial<Exchange>) => {
    exchanges.value = exchanges.value.map((entry) => (entry.id === id ? { ...entry, ...rest } : entry));
  };
  return (outcome) => {
    if ('failure' in outcome) return complete({ failure: toReason(outcome.failure) });
    const milliseconds = Math.round(performance.now() - started);
    const { status, headers } = outcome.response;
    void readText(outcome.response).then((body) =>
      complete({ answer: { status, headers: [...headers], body: body && toShown(body), milliseconds } }),
    );
  };
};

/** A `fetch` that logs, for audio by its link. */
export async function loggedFetch(path: string, init: RequestInit): Promise<Response> {
  const url = new URL(path, location.href).href;
  const report = logAttempt({ method: 'GET', url, headers: {}, body: null });
  try {
    const response = await fetch(url, init);
    report({ response });
    return response;
  } catch (failure) {
    report({ failure });
    throw failure;
  }
}

function toRequestBody(body: Attempt['body']): string | null {
  if (body instanceof File) return `[${body.name}]`;
  return typeof body === 'string' ? body : null;
}

function toReason(failure: unknown): string {
  const left = failure instanceof DOMException && failure.name === 'AbortError';
  return left ? 'Cancelled.' : 'No response: the gateway could not be reached.';
}

/** Text as it is; of other content its type, since audio passes untouched. Null if there is nothing to show. */
async function readText(response: Response): Promise<string | null> {
  const type = response.headers.get('Content-Type');
  // A text that breaks off is reported by its reader.
  if (isText(type))
    return response
      .clone()
      .text()
      .catch(() => null);
  return type && `[${type}]`;
}

/** Events and lines come for as long as they come, and may be too many to keep. */
function isText(mediaType: string | null): boolean {
  if (/event-stream|ndjson/.test(mediaType ?? '')) return false;
  return /json|^text\/|x-www-form-urlencoded/.test(mediaType ?? '');
}

function toShown(body: string): string {
  const text = withoutSecrets(toIndented(body));
  return text.length > maxBody
    ? `${text.slice(0, maxBody)}\n[${text.length - maxBody} characters more]`
    : text;
}

function toIndented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Tokens in responses and in audio links grant access as keys do. */
export function withoutSecrets(text: string): string {
  return text.replace(/("access_token":\s*")[^"]*/g, '$1…').replace(/([?&]token=)[^"&\s]*/g, '$1…');
}
