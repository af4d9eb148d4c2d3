/** The generated client, configured for the panel: it sends the session's credentials and logs every exchange. */
import { createClient, createConfig } from '../../dist/client/client/index.ts';
import { getProblemType } from '../../dist/client/index.ts';
import { applyAuthError, credentials } from './access.ts';
import { type ApiError, toApiError } from './api-error.ts';
import { loggedFetch } from './exchanges.ts';

export const client = createClient(
  createConfig({
    // The panel is served at `/panel` of the gateway, whatever path a proxy puts before that.
    baseUrl: new URL('.', location.href).href.slice(0, -1),
    // On a 401 to a request with credentials, the browser would open its own password dialog.
    credentials: 'omit',
    fetch: loggedFetch,
    auth: ({ scheme }) => (credentials.value?.scheme === scheme ? credentials.value?.secret : undefined),
  }),
);

export type Outcome<Data> =
  | { readonly data: Data; readonly response: Response; readonly error: null }
  | { readonly data: null; readonly response: Response | null; readonly error: ApiError };

interface Result<Data> {
  readonly data?: Data | undefined;
  readonly error?: unknown;
  readonly response?: Response | undefined;
}

/** The outcome of a client call. Rejects only if the call was aborted. */
export async function settle<Data>(call: Promise<Result<Data>>): Promise<Outcome<Data>> {
  const {
    data,
    error: body,
    response,
  } = await call.catch((cause: unknown): Result<Data> => ({ error: cause }));
  if (body instanceof DOMException && body.name === 'AbortError') throw body;
  if (response?.ok) return { data: data as Data, response, error: null };
  const error = toApiError(body, response ?? null);
  applyAuthError(error);
  return { data: null, response: response ?? null, error };
}

const explanations = new Map<string, Promise<string | null>>();

/** The description of a problem type, loaded once. */
export function explain(slug: string): Promise<string | null> {
  const known = explanations.get(slug);
  if (known) return known;
  const asked = settle(getProblemType({ client, path: { slug } })).then(
    ({ data }) => data?.description ?? null,
  );
  explanations.set(slug, asked);
  return asked;
}
