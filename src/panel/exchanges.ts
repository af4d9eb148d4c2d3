/** The log of the panel's requests and their responses. Keys and tokens never enter it. */
import { signal } from '@preact/signals';

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

export interface Answer {
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

export type Beginning = Pick<Exchange, 'method' | 'url' | 'requestBody'> & { readonly headers: Headers };

/** Starts an entry, and returns the function that completes it. */
export function beginExchange({ method, url, headers, requestBody }: Beginning) {
  const id = ++lastId;
  const startedAt = new Date();
  const started = performance.now();
  const scheme = headers.get('Authorization')?.split(' ')[0];
  const exchange: Exchange = {
    id,
    startedAt,
    method,
    url: withoutSecrets(url),
    credentials: scheme === 'Basic' || scheme === 'Bearer' ? scheme : null,
    requestHeaders: [...headers].filter(([name]) => name !== 'authorization'),
    requestBody,
    answer: null,
    failure: null,
  };
  exchanges.value = [exchange, ...exchanges.value].slice(0, maxExchanges);
  const complete = (rest: Partial<Exchange>) => {
    exchanges.value = exchanges.value.map((entry) => (entry.id === id ? { ...entry, ...rest } : entry));
  };
  return {
    answered({ status, headers: answerHeaders, body }: Omit<Answer, 'milliseconds'>) {
      const milliseconds = Math.round(performance.now() - started);
      complete({ answer: { status, headers: answerHeaders, body: body && toShown(body), milliseconds } });
    },
    failed: (failure: string) => complete({ failure }),
  };
}

/** A `fetch` that logs. Text bodies are kept; audio passes untouched. */
export async function loggedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const hasText = request.body !== null && isText(request.headers.get('Content-Type'));
  const entry = beginExchange({
    method: request.method,
    url: request.url,
    headers: request.headers,
    requestBody: hasText ? await request.clone().text() : null,
  });
  try {
    const response = await fetch(request);
    const type = response.headers.get('Content-Type');
    const { status, headers } = response;
    const body = isText(type) ? await response.clone().text() : type && `[${type}]`;
    entry.answered({ status, headers: [...headers], body });
    return response;
  } catch (error) {
    const left = error instanceof DOMException && error.name === 'AbortError';
    entry.failed(left ? 'Cancelled.' : 'No response: the gateway could not be reached.');
    throw error;
  }
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
