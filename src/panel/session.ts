/** The credentials in use and their expiry. Nothing outlives the page. */
import { computed, signal } from '@preact/signals';
import { type Access, access, lacking, refusal } from './access.ts';
import type { ApiError } from './api-error.ts';
import type { PanelConfig } from './config.ts';
import { connect, settle } from './gateway.ts';

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

export const isSignedIn = computed(() => access.value !== null);

/**
 * Exchanges the keys for a token at once; only a gateway without tokens makes the panel keep them. Without the keys, the token
 * cannot be renewed: the session ends with it.
 */
export async function signInWithKeys(keys: Keys, config: PanelConfig): Promise<ApiError | null> {
  signedInWith.value = 'keys';
  const name = `${keys.accessKey.slice(0, 4)}…`;
  if (!config.tokens) {
    begin({ credentials: keys, links: false }, { name: `Keys ${name}`, until: null });
    return null;
  }
  const { data, error } = await settle(connect(keys).issueToken({ scope, expiresInSeconds: lifetime }));
  if (error) return error;
  const until = new Date(Date.now() + data.expires_in * 1000);
  const credentials = { token: data.access_token };
  begin({ credentials, links: true }, { name: `Account ${name}`, until });
  return null;
}

/** Accepts the token unchecked; the first request shows whether it is valid. */
export function signInWithToken(token: string, config: PanelConfig): void {
  signedInWith.value = 'token';
  begin({ credentials: { token }, links: config.tokens }, { name: 'Your token', until: null });
}

export function signOut(): void {
  access.value = null;
  refusal.value = null;
  signedInAs.value = null;
  expiresAt.value = null;
}

function begin(
  granted: Access,
  { name, until }: { readonly name: string; readonly until: Date | null },
): void {
  refusal.value = null;
  lacking.value = new Set();
  signedInAs.value = name;
  expiresAt.value = until;
  access.value = granted;
}
