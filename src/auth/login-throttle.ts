/** Slows guessing of keys: each request with unverified keys is charged to its client address before it is sent. */
import QuickLRU from 'quick-lru';
import { isOutage, toKeyVerdict } from '../legacy/call/key-verdict.ts';
import type { LegacyFailure } from '../legacy/failure.ts';
import { sleep } from '../primitives/sleep.ts';
import type { AddressBuckets } from './address-bucket.ts';
import { AuthError } from './failure.ts';
import { createMeter, type RateLimit } from './rate-limit.ts';
import type { VerifiedAccounts } from './verified-accounts.ts';

export interface Login {
  /** From the platform's client address, never from a header that the client can set. */
  readonly buckets: AddressBuckets;
  readonly accountId: string;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
}

/** Admits one request with external keys. Throws AuthError while its address must wait. */
export type LoginThrottle = (login: Login) => Promise<LoginAttempt>;

export interface LoginAttempt {
  /** Whether the keys were verified before this request. */
  readonly isVerified: boolean;
  /** Takes the outcome of a legacy call; null for success. */
  readonly record: (failure: LegacyFailure | null) => void;
  /** Ends the request: refunds the charge if no call was sent, and most of it if the legacy service was down. */
  readonly end: () => Promise<void>;
}

export interface LoginThrottleOptions {
  readonly verified: Pick<VerifiedAccounts, 'has' | 'renew' | 'drop'>;
  /** Rejections per minute and address; the burst is as large. */
  readonly limit: number;
  /** The platform's counter of rejections, which spans isolates; null without one. */
  readonly counter: RateLimit | null;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

interface Charge {
  /** The keys are valid, or no call was sent. */
  refund(): void;
  /** The legacy service was down: the request was no guess, and still a call without a use. */
  excuse(): void;
}

/** A /48 holds many subscribers, so its limit is higher. */
const wideFactor = 4;
/**
 * A failing legacy service says nothing about keys, so its failures are no guesses. They are limited all the same: with
 * made-up keys, each of which has a circuit of its own, a stranger would send it calls without end.
 */
const outageFactor = 5;
/** Share of the limit reserved for accounts that return after a rejection. Guesses do not return. */
const reservedShare = 0.2;
/** How long an account must have been rejected before it may use that share. */
const waitBeforeReserveMs = 15_000;
/** How long a request waits for another request's verdict on the same keys. */
const verdictWaitMs = 10_000;
const pollMs = 10;

export function createLoginThrottle({
  verified,
  limit,
  counter,
  now = Date.now,
}: LoginThrottleOptions): LoginThrottle {
  const perMinute = (rate: number, burst: number) => createMeter({ burst, intervalMs: 60_000 / rate, now });
  const unreserved = 1 - reservedShare;
  const narrow = perMinute(limit * unreserved, limit);
  const wide = perMinute(limit * unreserved * wideFactor, limit * wideFactor);
  const reserve = perMinute(limit * reservedShare, 1);
  /** Requests whose calls brought no acceptance, by the widest bucket. */
  const fruitless = perMinute(limit * outageFactor, limit * outageFactor);
  /** When an account was first rejected at an address. */
  const turnedAway = new QuickLRU<string, number>({ maxSize: 5000 });
  /** The request that is verifying an account's keys. */
  const pending = new QuickLRU<string, { readonly since: number }>({ maxSize: 5000 });
  /** Time until which the platform's counter closes an address. */
  const closedUntil = new QuickLRU<string, number>({ maxSize: 5000 });

  /** Charges both buckets or neither. */
  function charge([address, site]: AddressBuckets): { readonly waitMs: number; readonly refund: () => void } {
    const closedMs = (closedUntil.get(address) ?? 0) - now();
    const refund = () => {
      narrow.giveBack(address);
      if (site !== undefined) wide.giveBack(site);
    };
    const waitMs = closedMs > 0 ? closedMs : narrow.take(address);
    if (waitMs > 0 || site === undefined) return { waitMs, refund };
    const siteMs = wide.take(site);
    if (siteMs > 0) narrow.giveBack(address);
    return { waitMs: siteMs, refund };
  }

  /** Throws AuthError. */
  function admit({ buckets, accountId }: Login): Charge {
    const [address] = buckets;
    const key = `${address} ${accountId}`;
    const widest = buckets.at(-1) ?? address;
    const outageMs = fruitless.take(widest);
    if (outageMs > 0) throw tooManyFailures(outageMs);
    const toCharge = (excuse: () => void) => ({
      excuse,
      refund() {
        excuse();
        fruitless.giveBack(widest);
      },
    });
    const { waitMs, refund } = charge(buckets);
    if (waitMs === 0) return toCharge(refund);
    const since = turnedAway.get(key) ?? now();
    turnedAway.set(key, since);
    if (now() - since >= waitBeforeReserveMs && reserve.take(address) === 0) {
      turnedAway.delete(key);
      return toCharge(() => reserve.giveBack(address));
    }
    fruitless.giveBack(widest);
    throw tooManyFailures(waitMs);
  }

  /**
   * Of concurrent requests with the same keys, one verifies them: a page that opens a hundred players is not an attack.
   */
  async function awaitVerdict({ accountId, signal }: Login): Promise<void> {
    const first = pending.get(accountId);
    if (!first) return;
    // On Workers a request must not await another request's promise, but it may read shared data.
    while (pending.get(accountId) === first && now() - first.since < verdictWaitMs && !signal.aborted) {
      await sleep(pollMs);
    }
  }

  async function count([address]: AddressBuckets): Promise<void> {
    const decision = await counter?.(`refused:${address}`);
    if (decision?.allowed === false) closedUntil.set(address, now() + decision.retryAfter * 1000);
  }

  return async (login) => {
    const { buckets, accountId } = login;
    // No await before this line: the first of concurrent requests must be the one that verifies.
    if (!verified.has(accountId) && pending.has(accountId)) await awaitVerdict(login);
    const isVerified = verified.has(accountId);
    let charged = isVerified ? null : admit(login);
    let counting: Promise<void> | null = null;
    const mine = { since: now() };
    if (!isVerified && !pending.has(accountId)) pending.set(accountId, mine);
    let isSent = false;
    let wasAnswered = false;

    function settle(how: 'refund' | 'excuse' | 'keep'): void {
      if (how !== 'keep') charged?.[how]();
      charged = null;
      if (pending.get(accountId) === mine) pending.delete(accountId);
    }

    return {
      isVerified,
      record(failure) {
        const verdict = toKeyVerdict(failure);
        isSent = true;
        wasAnswered = !isOutage(failure);
        if (verdict === 'accepted') {
          verified.renew(accountId);
          settle('refund');
        }
        if (verdict === 'rejected') {
          verified.drop(accountId);
          if (isVerified) charge(buckets);
          counting ??= count(buckets);
          settle('keep');
        }
      },
      async end() {
        settle(wasAnswered ? 'keep' : isSent ? 'excuse' : 'refund');
        await counting;
      },
    };
  };
}

function tooManyFailures(waitMs: number): AuthError {
  return new AuthError({ kind: 'too-many-failures', retryAfter: Math.ceil(waitMs / 1000) });
}
