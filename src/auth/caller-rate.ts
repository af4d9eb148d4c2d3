/** The rates of callers: each account and each JWT subject has its own, an audio link has a share of its account's. */
import type { Caller } from './caller.ts';
import { createMemoryRateLimit, type RateDecision, type RateLimit } from './rate-limit.ts';

export interface CallerRate {
  /** Counts one request of a caller whose credentials were verified. */
  count(caller: Caller): Promise<RateDecision>;
  /** Counts one request of an audio link against its share alone. */
  countLink(caller: Caller): Promise<RateDecision>;
  /** Counts one request with unverified keys by address, since made-up keys would each get a rate of their own. */
  countAddress(address: string): Promise<RateDecision>;
}

export interface CallerRateOptions {
  /** Requests per minute, per caller. */
  readonly limit: number;
  /** The platform's counter, used instead of the one in memory; null without one. */
  readonly counter: RateLimit | null;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/** Parts of an account's rate that one link, and all links together, may use. */
const linkShare = 0.25;
const allLinksShare = 0.5;

/** Most accounts and subjects counted at a time. */
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
    // A link also spends its account's rate, so that the account as a whole stays within it.
    count: ({ authMethod, accountId, subject }) =>
      byCaller(`caller:${authMethod === 'link' ? accountId : subject}`),
    async countLink({ accountId, subject }) {
      const decision = await byLink(`link:${subject}`);
      return decision.allowed ? await byLinksOfAccount(`links:${accountId}`) : decision;
    },
    countAddress: (address) => byAddress(`address:${address}`),
  };
}
