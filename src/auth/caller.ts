/** The caller and its permissions: one shape for every authentication method. */

import type { LegacyCredentials } from '../legacy/wire.ts';
import { sha256Hex } from '../primitives/sha256.ts';
import { AuthError } from './failure.ts';
import type { Narrowing } from './narrowing.ts';
import { type Scope, scopes } from './scopes.ts';

export interface Caller {
  readonly credentials: LegacyCredentials;
  readonly scopes: ReadonlySet<Scope>;
  /** The part of the account that the caller may access; null for all of it. */
  readonly narrowing: Narrowing | null;
  /**
   * The caller brought the account's keys, so a rejection by the legacy service is a 401. Otherwise the keys are the
   * gateway's, and it is a 502.
   */
  readonly bringsOwnKeys: boolean;
  readonly authMethod: 'basic' | 'token' | 'jwt' | 'link';
  /** The account: 32 hex digits from its keys, for logs and store keys. */
  readonly accountId: string;
  /**
   * The key that requests are counted by: the account, or with an external JWT its subject, since those callers share
   * one account.
   */
  readonly subject: string;
  /** Seconds since 1970 at which the credentials expire, and with them everything derived from them; null for Basic. */
  readonly expiresAt: number | null;
}

/** The result of an authentication method; the rest of a Caller is derived from it. */
export interface Access {
  readonly credentials: LegacyCredentials;
  readonly scopes: Iterable<Scope>;
  /** Absent or null for the whole account. */
  readonly narrowing?: Narrowing | null;
  readonly bringsOwnKeys: boolean;
  readonly authMethod: Caller['authMethod'];
  readonly expiresAt: number | null;
  /** Issuer and subject of a caller other than the account's owner; absent for the owner. */
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

/** Basic: the holder of the account's keys may do everything that the account may. */
export function createOwner(credentials: LegacyCredentials): Promise<Caller> {
  return createCaller({ credentials, scopes, bringsOwnKeys: true, authMethod: 'basic', expiresAt: null });
}

/** The only place that enforces scopes. Throws AuthError. */
export function requireScope(caller: Caller, required: Scope): void {
  if (!caller.scopes.has(required)) throw new AuthError({ kind: 'insufficient-scope', required });
}

/**
 * An accountId covers the account's secret of 64 random characters, so keys cannot be found by trying. It needs no
 * key of its own, so it stays the same across machines and rotations of TOKEN_KEYS.
 */
export async function toDigest(parts: readonly string[]): Promise<string> {
  return (await sha256Hex(JSON.stringify(['recordings-gateway', ...parts]))).slice(0, 32);
}
