/** The client package, set up for the panel: it sends the session's credentials, and logs every exchange. */
import { computed } from '@preact/signals';
import {
  type Credentials,
  createRecordingsClient,
  type RecordingsClient,
} from '../../clients/typescript/src/index.ts';
import { access, applyAuthError } from './access.ts';
import { type ApiError, toApiError } from './api-error.ts';
import { logAttempt } from './exchanges.ts';

export function connect(credentials: Credentials | null): RecordingsClient {
  return createRecordingsClient({
    // The panel is served at `/panel` of the gateway, whatever path a proxy puts before that.
    baseUrl: new URL('.', location.href).href,
    credentials,
    // A panel for tests shows the first failure, and its button repeats the request.
    retry: { attempts: 1 },
    onAttempt: logAttempt,
  });
}

const current = computed(() => connect(access.value?.credentials ?? null));

/** The client of the current session. */
export const gateway = (): RecordingsClient => current.value;

export type Outcome<Data> =
  | { readonly data: Data; readonly error: null }
  | { readonly data: null; readonly error: ApiError };

/** The outcome of a client call. Rejects only if the call was aborted. */
export async function settle<Data>(call: Promise<Data>): Promise<Outcome<Data>> {
  try {
    return { data: await call, error: null };
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    const error = toApiError(cause);
    applyAuthError(error);
    return { data: null, error };
  }
}

const explanations = new Map<string, Promise<string | null>>();

/** The description of a problem type, loaded once. */
export function explain(slug: string): Promise<string | null> {
  const known = explanations.get(slug);
  if (known) return known;
  const asked = settle(connect(null).explainProblem(slug)).then(({ data }) => data?.description ?? null);
  explanations.set(slug, asked);
  return asked;
}
