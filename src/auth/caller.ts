/** Who calls and what they may do: the one shape behind every way in. */

import type { LegacyCredentials } from '../legacy/wire.ts';
import { sha256Hex } from '../primitives/sha256.ts';
import { AuthError } from './failure.ts';
import type { Narrowing } from './narrowing.ts';
import { type Scope, scopes } from './scopes.ts';

export interface Caller {
  readonly credentials: LegacyCredentials;
  readonly scopes: ReadonlySet<Scope>;
  /** The part of the account that the caller may reach; null for all of it. */
  readonly narrowing: Narrowing | null;
  /** The caller brought these keys, so the legacy refusing them is a 401; otherwise they are the gateway's: 502. */
  readonly bringsOwnKeys: boolean;
  readonly authMethod: 'basic' | 'token' | 'jwt' | 'link';
  /** The account: 32 hex digits from its keys, for logs and store keys. */
  readonly accountId: string;
  /** Who to count requests by: the account, but with an external JWT its subject, since all of those share one account. */
  readonly subject: string;
  /** Seconds since 1970 at which the way in closes, so that nothing handed on outlives it; null for Basic. */
  readonly expiresAt: number | null;
}

/** What a way in establishes; the rest of a Caller follows from it. */
export interface Access {
  readonly credentials: LegacyCredentials;
  readonly scopes: Iterable<Scope>;
  /** Absent or null for the whole account. */
  readonly narrowing?: Narrowing | null;
  readonly bringsOwnKeys: boolean;
  readonly authMethod: Caller['authMethod'];
  readonly expiresAt: number | null;
  /** The names by which somebody else than the account's owner is known (issuer, subject); absent for the owner. */
  readonly names?: readonly string[];
}

export async function createCaller(access: Access): Promise<Caller> {
  const { credentials, bringsOwnKeys, authMethod, expiresAt, names } = access;
  const accountId = await toDigest(['account', credentials.accessKey, credentials.secretAccessKey]);
  return {
    credentials,
    scopes: new Set(access.scopes),
    narrowing: access.narrowing ?? null,
    bringsOwnKeys,
    authMethod,
    accountId,
    subject: names ? await toDigest(['subject', ...names]) : accountId,
    expiresAt,
  };
}

/** Basic: whoever holds the account's keys may do all that the account may. */
export function createOwner(credentials: LegacyCredentials): Promise<Caller> {
  return createCaller({ credentials, scopes, bringsOwnKeys: true, authMethod: 'basic', expiresAt: null });
}

/** The one place where scopes are enforced. Throws AuthError. */
export function requireScope(caller: Caller, required: Scope): void {
  if (!caller.scopes.has(required)) throw new AuthError({ kind: 'insufficient-scope', required });
}

/**
 * The account's accountId includes its secret of 64 random characters, so a key cannot be found by trying; it needs no key
 * of its own and therefore stays the same when TOKEN_KEYS rotate and on every machine.
 */
async function toDigest(parts: readonly string[]): Promise<string> {
  return (await sha256Hex(JSON.stringify(['recordings-gateway', ...parts]))).slice(0, 32);
}
