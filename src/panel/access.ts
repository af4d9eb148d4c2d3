/** The credentials of the session, and the authorization errors that the gateway returned for them. */
import { signal } from '@preact/signals';
import type { Credentials } from '../../clients/typescript/src/index.ts';
import type { ApiError } from './api-error.ts';

export interface Access {
  /** Keys or a token. Kept in memory only, so that they are gone with the page. */
  readonly credentials: Credentials;
  /** Whether the gateway creates audio links for these credentials. */
  readonly links: boolean;
}

export const access = signal<Access | null>(null);

/** The error that ended the session. */
export const refusal = signal<ApiError | null>(null);

/** Scopes that the token lacks. Tokens are opaque, so the panel learns this from a 403. */
export const lacking = signal<ReadonlySet<string>>(new Set());

/** Ends the session on a 401 and records a missing scope on a 403. */
export function applyAuthError({ status, lacks, ...error }: ApiError): void {
  if (!access.value) return;
  if (lacks) lacking.value = new Set([...lacking.value, lacks]);
  if (status !== 401) return;
  access.value = null;
  refusal.value = { ...error, status, lacks };
}

/** Tells the user that the token lacks `scope`; null while the scope is not known to be missing. */
export function missingScope(scope: string): string | null {
  return lacking.value.has(scope) ? `Not allowed: your token lacks the scope ${scope}.` : null;
}
