/** Whose keys the legacy service has confirmed of late: audio that is kept is handed to nobody else. */

import QuickLRU from 'quick-lru';
import type { CallRecord } from '../legacy/call/trace.ts';
import type { LegacyClient } from '../legacy/client.ts';
import type { LegacyCredentials } from '../legacy/wire.ts';

export interface Account {
  readonly credentials: LegacyCredentials;
  /** Of the credentials. */
  readonly accountId: string;
}

export interface VerifiedAccounts {
  /** Returns when they are confirmed, by a call where the last time is too long ago. Throws LegacyError. */
  ensure(account: Account, signal: AbortSignal, record?: CallRecord): Promise<void>;
  /** The legacy has just done what they asked for. */
  renew(account: Pick<Account, 'accountId'>): void;
}

export interface VerifiedAccountsOptions {
  readonly confirm: LegacyClient['confirm'];
  /** How long a confirmation counts, in seconds. */
  readonly lifetime: number;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

const maxAccounts = 10_000;

/** In this process or isolate; another one asks for itself. */
export function createVerifiedAccounts(options: VerifiedAccountsOptions): VerifiedAccounts {
  const { confirm, lifetime, now = Date.now } = options;
  const until = new QuickLRU<string, number>({ maxSize: maxAccounts / 2 });

  function renew({ accountId }: Pick<Account, 'accountId'>): void {
    until.set(accountId, now() + lifetime * 1000);
  }

  return {
    renew,
    async ensure(account, signal, record) {
      if ((until.get(account.accountId) ?? 0) > now()) return;
      await confirm({ credentials: account.credentials, signal, ...record });
      renew(account);
    },
  };
}
