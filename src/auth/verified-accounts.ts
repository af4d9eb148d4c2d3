/** Whose keys the legacy service has confirmed of late: audio that is kept is handed to nobody else. */
import QuickLRU from 'quick-lru';
import type { CallContext } from '../legacy/call/context.ts';
import type { LegacyClient } from '../legacy/client.ts';

export interface VerifiedAccounts {
  /** Returns when they are confirmed, by a call where the last time is too long ago. Throws LegacyError. */
  ensure(context: CallContext): Promise<void>;
  /** The legacy has just done what they asked for. */
  renew(accountId: string): void;
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

  function renew(accountId: string): void {
    until.set(accountId, now() + lifetime * 1000);
  }

  return {
    renew,
    async ensure(context) {
      const { accountId } = context.caller;
      if ((until.get(accountId) ?? 0) > now()) return;
      await confirm(context);
      renew(accountId);
    },
  };
}
