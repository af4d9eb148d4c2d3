/** The credentials in use and their expiry. Nothing outlives the page. */
import { computed, signal } from '@preact/signals';
import { issueToken } from '../../dist/client/index.ts';
import { type Credentials, credentials, lacking, refusal } from './access.ts';
import type { ApiError } from './api-error.ts';
import type { PanelConfig } from './config.ts';
import { client, settle } from './gateway.ts';

const scope = 'recordings:read recordings:delete uploads:write exports:read exports:write';
/** In seconds. A panel session takes minutes, so this is the shortest lifetime that does not interrupt it. */
const lifetime = 3600;

export interface Keys {
  readonly accessKey: string;
  readonly secretAccessKey: string;
}

/** The method of the latest sign-in. */
export const signedInWith = signal<'keys' | 'token'>('keys');

/** The method of sign-in as text; null while signed out. */
export const signedInAs = signal<string | null>(null);

/** Null if unknown. */
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
  // RFC 6749 section 2.3.1: encoded, so that a percent sign in a key stays one.
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

/** Accepts the token unchecked; the first request shows whether it is valid. */
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

/** A string of one character per byte for `btoa`: the gateway reads keys as UTF-8. */
function toBytes(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}
