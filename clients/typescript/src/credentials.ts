/** The `Authorization` of requests: the account's keys, a token, or tokens that are renewed before they expire. */

export interface IssuedToken {
  readonly token: string;
  /** In milliseconds since 1970. Without it, the token is renewed when the gateway rejects it. */
  readonly expiresAt?: number;
}

export type Credentials =
  /** The account's keys, for servers only. */
  | { readonly accessKey: string; readonly secretAccessKey: string }
  | { readonly token: string }
  /** Called for the first request, shortly before the token expires, and after a 401. */
  | { readonly getToken: () => Promise<IssuedToken> };

export interface Authorizer {
  /** Null sends no credentials. */
  header(encodesKeys?: boolean): Promise<string | null>;
  /** Drops a token that the gateway has rejected. False if there is no way to get another. */
  renew(): boolean;
}

/** A token that expires in the next seconds may expire on its way. */
const marginMs = 15_000;

export function createAuthorizer(credentials: Credentials | null): Authorizer {
  if (credentials && 'getToken' in credentials) return createRenewing(credentials.getToken);
  return { header: async (encodesKeys) => toHeader(credentials, encodesKeys), renew: () => false };
}

function toHeader(
  credentials: Exclude<Credentials, { getToken: unknown }> | null,
  encodesKeys?: boolean,
): string | null {
  if (!credentials) return null;
  if ('token' in credentials) return `Bearer ${credentials.token}`;
  const keys = [credentials.accessKey, credentials.secretAccessKey];
  // A percent sign in a key stays one.
  const bytes = new TextEncoder().encode(keys.map(encodesKeys ? encodeURIComponent : String).join(':'));
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

function createRenewing(getToken: () => Promise<IssuedToken>): Authorizer {
  let current: Promise<IssuedToken> | null = null;
  const load = (): Promise<IssuedToken> => {
    current ??= getToken();
    return current;
  };
  /** Drops only this token: another request may already have requested a new one. */
  const drop = (asked: Promise<IssuedToken>) => {
    if (current === asked) current = null;
  };
  return {
    async header() {
      const asked = load();
      const { expiresAt = Number.POSITIVE_INFINITY } = await asked.catch((error) => {
        drop(asked);
        throw error;
      });
      if (expiresAt - Date.now() < marginMs) drop(asked);
      return `Bearer ${(await load()).token}`;
    },
    renew() {
      current = null;
      return true;
    },
  };
}
