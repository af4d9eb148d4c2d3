/** The rates of callers: an account or a JWT's subject has one of its own, an audio link a share of its account's. */
import type { Caller } from './caller.ts';
import { createMemoryRateLimit, type RateDecision, type RateLimit } from './rate-limit.ts';

export interface CallerRate {
  /** Counts one request of a caller whose credentials were verified. */
  count(caller: Caller): Promise<RateDecision>;
  /** Counts one request of an audio link against its share, and nothing of any other caller. */
  countLink(caller: Caller): Promise<RateDecision>;
  /** Counts one request with unverified keys: made-up keys have no rate of their own. */
  countAddress(address: string): Promise<RateDecision>;
}

export interface CallerRateOptions {
  /** Requests a minute, by caller. */
  readonly limit: number;
  /** The platform's own counter, in place of one in memory; null where it has none. */
  readonly counter: RateLimit | null;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/** Parts of an account's rate that one of its links, and all of them together, may use. */
const linkShare = 0.25;
const allLinksShare = 0.5;

/** Accounts and subjects that are counted at a time. */
const maxAccounts = 100_000;

export function createCallerRate({ limit, counter, now }: CallerRateOptions): CallerRate {
  const perMinute = (rate: number, maxKeys?: number) =>
    createMemoryRateLimit({
      limit: Math.max(1, Math.floor(rate)),
      period: 60,
      now,
      ...(maxKeys && { maxKeys }),
    });
  const byCaller = counter ?? perMinute(limit, maxAccounts);
  const byAddress = counter ?? perMinute(limit);
  const byLink = perMinute(limit * linkShare);
  const byLinksOfAccount = perMinute(limit * allLinksShare);

  return {
    // A link spends its account's rate too, so that the account as a whole keeps to it.
    count: ({ authMethod, accountId, subject }) =>
      byCaller(`caller:${authMethod === 'link' ? accountId : subject}`),
    async countLink({ accountId, subject }) {
      const decision = await byLink(`link:${subject}`);
      return decision.allowed ? await byLinksOfAccount(`links:${accountId}`) : decision;
    },
    countAddress: (address) => byAddress(`address:${address}`),
  };
}
