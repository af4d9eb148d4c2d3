/** Who is signed in, and for how long. Nothing of it outlives the page. */
import { computed, signal } from '@preact/signals';
import { issueToken } from '../../dist/client/index.ts';
import type { PanelConfig } from './config.ts';
import { client, credentials, expired, settle } from './gateway.ts';
import type { Trouble } from './trouble.ts';

const scope = 'recordings:read recordings:delete uploads:write';
/** In seconds. A session at the panel is a matter of minutes, so the shortest that does not disturb. */
const lifetime = 3600;

export interface Keys {
  readonly accessKey: string;
  readonly secretAccessKey: string;
}

/** How the panel got in, for people to read; null where nobody is signed in. */
export const signedInAs = signal<string | null>(null);

/** Null where the panel does not know. */
export const expiresAt = signal<Date | null>(null);

export const isSignedIn = computed(() => credentials.value !== null);

/** Exchanges the keys for a token at once; only a gateway without tokens makes the panel keep them. */
export async function signInWithKeys(keys: Keys, config: PanelConfig): Promise<Trouble | null> {
  const secret = `${keys.accessKey}:${keys.secretAccessKey}`;
  const name = `${keys.accessKey.slice(0, 4)}…`;
  if (!config.tokens) {
    begin({ scheme: 'basic', secret }, { name: `Keys ${name}`, until: null });
    return null;
  }
  const { data, trouble } = await settle(
    issueToken({
      client,
      auth: ({ scheme }) => (scheme === 'basic' ? secret : undefined),
      body: { grant_type: 'client_credentials', scope, expires_in: lifetime },
    }),
  );
  if (trouble) return trouble;
  const until = new Date(Date.now() + data.expires_in * 1000);
  begin({ scheme: 'bearer', secret: data.access_token }, { name: `Account ${name}`, until });
  return null;
}

/** Whether the token is good is told by the first request. */
export function signInWithToken(token: string): void {
  begin({ scheme: 'bearer', secret: token }, { name: 'Your token', until: null });
}

export function signOut(): void {
  credentials.value = null;
  expired.value = false;
  signedInAs.value = null;
  expiresAt.value = null;
}

function begin(
  secret: { readonly scheme: 'basic' | 'bearer'; readonly secret: string },
  { name, until }: { readonly name: string; readonly until: Date | null },
): void {
  expired.value = false;
  signedInAs.value = name;
  expiresAt.value = until;
  credentials.value = secret;
}
