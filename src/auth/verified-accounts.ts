/** Accounts whose keys the legacy service has accepted, cached per process or isolate. */
import QuickLRU from 'quick-lru';
import type { CallContext } from '../legacy/call/context.ts';
import type { LegacyClient } from '../legacy/client.ts';

export interface VerifiedAccounts {
  /** Returns if the keys were accepted within the lifetime; otherwise verifies them. Throws LegacyError. */
  ensure(context: CallContext): Promise<void>;
  /** Whether the keys were ever accepted and not rejected since. */
  has(accountId: string): boolean;
  /** Records that the legacy service has just accepted the keys. */
  renew(accountId: string): void;
  /** Records that the legacy service has just rejected the keys. */
  drop(accountId: string): void;
}

export interface VerifiedAccountsOptions {
  readonly confirm: LegacyClient['confirm'];
  /** In seconds. */
  readonly lifetime: number;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/** The cache holds at least this many accounts and at most twice as many: 100,000 take 10 MB. */
const minAccounts = 50_000;

export function createVerifiedAccounts(options: VerifiedAccountsOptions): VerifiedAccounts {
  const { confirm, lifetime, now = Date.now } = options;
  const acceptedAt = new QuickLRU<string, number>({ maxSize: minAccounts });

  function renew(accountId: string): void {
    acceptedAt.set(accountId, now());
  }

  return {
    renew,
    has: (accountId) => acceptedAt.has(accountId),
    drop: (accountId) => void acceptedAt.delete(accountId),
    async ensure(context) {
      const { accountId } = context.caller;
      const at = acceptedAt.get(accountId);
      if (at !== undefined && now() - at < lifetime * 1000) return;
      await confirm(context);
      renew(accountId);
    },
  };
}

/** Keys that the gateway holds are the operator's, so verifying them first gains nothing. */
export async function verifyOwnKeys(
  verifiedAccounts: VerifiedAccounts,
  context: CallContext & { readonly caller: { readonly bringsOwnKeys: boolean } },
): Promise<void> {
  if (context.caller.bringsOwnKeys) await verifiedAccounts.ensure(context);
}
