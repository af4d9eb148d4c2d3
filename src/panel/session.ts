/** Who is signed in, and for how long. Nothing of it outlives the page. */
import { computed, signal } from '@preact/signals';
import { issueToken } from '../../dist/client/index.ts';
import { type Credentials, credentials, lacking, refusal } from './access.ts';
import type { ApiError } from './api-error.ts';
import type { PanelConfig } from './config.ts';
import { client, settle } from './gateway.ts';

const scope = 'recordings:read recordings:delete uploads:write';
/** In seconds. A session at the panel is a matter of minutes, so the shortest that does not disturb. */
const lifetime = 3600;

export interface Keys {
  readonly accessKey: string;
  readonly secretAccessKey: string;
}

/** Which way in was taken last. */
export const signedInWith = signal<'keys' | 'token'>('keys');

/** How the panel got in, for people to read; null where nobody is signed in. */
export const signedInAs = signal<string | null>(null);

/** Null where the panel does not know. */
export const expiresAt = signal<Date | null>(null);

export const isSignedIn = computed(() => credentials.value !== null);

/** Exchanges the keys for a token at once; only a gateway without tokens makes the panel keep them. */
export async function signInWithKeys(keys: Keys, config: PanelConfig): Promise<ApiError | null> {
  signedInWith.value = 'keys';
  const name = `${keys.accessKey.slice(0, 4)}…`;
  if (!config.tokens) {
    const secret = toBytes(`${keys.accessKey}:${keys.secretAccessKey}`);
    begin({ scheme: 'basic', secret, links: false }, { name: `Keys ${name}`, until: null });
    return null;
  }
  // RFC 6749 section 2.3.1: encoded, so that a key that holds a percent sign is read as it is.
  const userPass = [keys.accessKey, keys.secretAccessKey].map(encodeURIComponent).join(':');
  const { data, error } = await settle(
    issueToken({
      client,
      auth: ({ scheme }) => (scheme === 'basic' ? userPass : undefined),
      body: { grant_type: 'client_credentials', scope, expires_in: lifetime },
    }),
  );
  if (error) return error;
  const until = new Date(Date.now() + data.expires_in * 1000);
  begin({ scheme: 'bearer', secret: data.access_token, links: true }, { name: `Account ${name}`, until });
  return null;
}

/** Whether the token is good is told by the first request. */
export function signInWithToken(token: string, config: PanelConfig): void {
  signedInWith.value = 'token';
  begin({ scheme: 'bearer', secret: token, links: config.tokens }, { name: 'Your token', until: null });
}

export function signOut(): void {
  credentials.value = null;
  refusal.value = null;
  signedInAs.value = null;
  expiresAt.value = null;
}

function begin(
  secret: Credentials,
  { name, until }: { readonly name: string; readonly until: Date | null },
): void {
  refusal.value = null;
  lacking.value = new Set();
  signedInAs.value = name;
  expiresAt.value = until;
  credentials.value = secret;
}

/** As a string of one character a byte, which is all that `btoa` takes: the gateway reads keys as UTF-8. */
function toBytes(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}
