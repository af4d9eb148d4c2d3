/** One call over HTTP: credentials, retries, and failures as errors. */
import type { Authorizer } from './credentials.ts';
import { ConnectionFailed, RecordingsProblem } from './problem.ts';
import { type Repetition, type RetryOptions, sleep, toPause } from './retry.ts';

type QueryValue = string | number | boolean | null | undefined;

interface Call {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  /** Below the base URL, its parts already encoded. */
  readonly path: string;
  readonly query?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit | null;
  readonly repetition: Repetition;
  readonly signal?: AbortSignal | null | undefined;
  /** In place of `fetch`, for uploads that report progress. */
  readonly transport?: Transport | null;
  /** Form-encodes the account's keys, as RFC 6749 section 2.3.1 wants it. */
  readonly encodesKeys?: true;
}

/** A request as it is sent. */
export interface Attempt {
  readonly method: string;
  readonly url: string;
  /** With the credentials: do not log `Authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: BodyInit | null;
}

/** Called when a request is sent. What it returns is called with the response, to be cloned before it is read, or with the failure. */
export type AttemptObserver = (
  attempt: Attempt,
) => (outcome: { response: Response } | { failure: unknown }) => void;

export type Transport = (url: string, init: TransportInit) => Promise<Response>;

interface TransportInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: BodyInit | null;
  readonly signal: AbortSignal | null;
}

export interface HttpOptions {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly authorizer: Authorizer;
  readonly retry: RetryOptions;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly onAttempt?: AttemptObserver | undefined;
}

/** Resolves with a success; rejects with RecordingsProblem, ConnectionFailed or the signal's reason. */
export type Send = (call: Call) => Promise<Response>;

export function createSend({ baseUrl, authorizer, retry, fetch, onAttempt }: HttpOptions): Send {
  // Browsers would add their own Basic credentials; Workers do not know the option.
  const browser = 'document' in globalThis ? ({ credentials: 'omit' } as const) : {};
  const byFetch: Transport = (url, init) => fetch(url, { ...init, ...browser });

  const attemptOnce = async (call: Call, attempt: number): Promise<Response> => {
    const authorization = await authorizer.header(call.encodesKeys);
    const headers = { ...call.headers, ...(authorization !== null && { Authorization: authorization }) };
    const { method, body = null, signal = null, transport } = call;
    const url = `${baseUrl}${call.path}${toQuery(call.query)}`;
    const report = onAttempt?.({ method, url, headers, body });
    let response: Response;
    try {
      response = await (transport ?? byFetch)(url, { method, headers, body, signal });
    } catch (cause) {
      report?.({ failure: cause });
      if (signal?.aborted) throw cause;
      throw new ConnectionFailed('The gateway cannot be reached.', { cause });
    }
    report?.({ response });
    if (response.ok || response.status === 304) return response;
    throw new RecordingsProblem(response, await readJson(response), attempt);
  };

  return async (call) => {
    let isRenewed = false;
    for (let attempt = 1; ; attempt++) {
      try {
        return await attemptOnce(call, attempt);
      } catch (failure) {
        const isExpired = failure instanceof RecordingsProblem && failure.slug === 'invalid-token';
        if (isExpired && !isRenewed && authorizer.renew()) {
          isRenewed = true;
          attempt--;
          continue;
        }
        const pause = toPause(failure, { attempt, repetition: call.repetition, retry });
        if (pause === null) throw failure;
        await sleep(pause, call.signal);
      }
    }
  };
}

/** Null if the body is not JSON. */
async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/** By hand, because React Native has no complete URLSearchParams. */
export function toQuery(query: object = {}): string {
  const pairs = Object.entries(query as Record<string, QueryValue>).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}
