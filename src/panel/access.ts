/** What the panel is signed in with, and what the gateway has said of it since. */
import { signal } from '@preact/signals';
import type { Trouble } from './trouble.ts';

export interface Credentials {
  readonly scheme: 'basic' | 'bearer';
  /** What the scheme carries: keys joined by a colon, or a token. In memory alone, and gone with the page. */
  readonly secret: string;
  /** Whether the gateway gives audio links for them. */
  readonly links: boolean;
}

export const credentials = signal<Credentials | null>(null);

/** Why the gateway does not take, or no longer takes, what the panel signed in with. */
export const refusal = signal<Trouble | null>(null);

/** Scopes that the token turned out not to have: it is sealed, so that a refusal is the first to tell. */
export const lacking = signal<ReadonlySet<string>>(new Set());

/** Learns from what a request came to. */
export function heed({ status, lacks, ...trouble }: Trouble): void {
  if (!credentials.value) return;
  if (lacks) lacking.value = new Set([...lacking.value, lacks]);
  if (status !== 401) return;
  credentials.value = null;
  refusal.value = { ...trouble, status, lacks };
}

/** Why the person at the panel may not do what needs `scope`; null where they may, for all that is known. */
export function whyNot(scope: string): string | null {
  return lacking.value.has(scope) ? `Not allowed: your token lacks the scope ${scope}.` : null;
}
