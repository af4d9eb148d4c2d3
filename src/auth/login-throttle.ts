/** Slows a flood of wrong keys before it reaches the legacy: an address with too many refusals has to wait. */
import QuickLRU from 'quick-lru';
import type { LegacyFailure } from '../legacy/failure.ts';
import { AuthError } from './failure.ts';
import type { RateLimit } from './rate-limit.ts';

export interface Login {
  /** The client's, as the platform knows it; never from a header that the client can write. */
  readonly address: string;
  /** Of the caller that the keys make. */
  readonly accountId: string;
}

/** Admits one request with keys from outside. Throws AuthError while the address has to wait. */
export type LoginThrottle = (login: Login) => LoginAttempt;

export interface LoginAttempt {
  /** Takes the outcome of a legacy call; null for success. */
  readonly record: (failure: LegacyFailure | null) => void;
  /** The request is over. */
  readonly end: () => void;
}

export interface LoginGuardOptions {
  /** Counts refusals by address. */
  readonly rateLimit: RateLimit;
  /** How many addresses, and how many callers, are remembered at a time. */
  readonly maxEntries?: number;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/** How many unknown callers of one address may be with the legacy at once: a flood does not wait for its answers. */
const maxPending = 20;
/** In milliseconds. A request that was cancelled in Workers never says that it has ended. */
const pendingFor = 30_000;

interface Address {
  /** In milliseconds since 1970. */
  closedUntil: number;
  /** When each unknown caller went to the legacy, by its accountId. */
  readonly pending: Map<string, number>;
}

export function createLoginThrottle(options: LoginGuardOptions): LoginThrottle {
  const { rateLimit, maxEntries = 10_000, now = Date.now } = options;
  const addresses = new QuickLRU<string, Address>({ maxSize: maxEntries / 2 });
  /** Accounts whose keys were accepted lately: wrong keys from the same address do not affect them. */
  const verified = new QuickLRU<string, true>({ maxSize: maxEntries / 2 });

  return ({ address: text, accountId }) => {
    const record = (failure: LegacyFailure | null) => {
      if (failure === null) verified.set(accountId, true);
      if (failure?.kind === 'credentials-rejected') void reject(text, accountId);
    };
    if (verified.get(accountId)) return { record, end: () => {} };
    const address = addresses.get(toAddressBucket(text)) ?? { closedUntil: 0, pending: new Map() };
    addresses.set(toAddressBucket(text), address);
    const wait = toWait(address, accountId);
    if (wait > 0) throw new AuthError({ kind: 'too-many-failures', retryAfter: Math.ceil(wait / 1000) });
    address.pending.set(accountId, now());
    return { record, end: () => void address.pending.delete(accountId) };
  };

  /** In milliseconds. */
  function toWait({ closedUntil, pending }: Address, accountId: string): number {
    for (const [caller, since] of pending) if (now() - since > pendingFor) pending.delete(caller);
    const isCrowded = pending.size >= maxPending && !pending.has(accountId);
    return Math.max(closedUntil - now(), isCrowded ? 1000 : 0);
  }

  async function reject(text: string, accountId: string): Promise<void> {
    verified.delete(accountId);
    const bucket = toAddressBucket(text);
    const decision = await rateLimit(`refused:${bucket}`);
    const address = addresses.get(bucket);
    if (!decision.allowed && address) address.closedUntil = now() + decision.retryAfter * 1000;
  }
}

/** One subscriber: an IPv4 address, or the /64 of an IPv6 address, of which one host has as many as it likes. */
export function toAddressBucket(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped) return mapped;
  const [bare = ''] = address.split('%');
  if (!bare.includes(':') || !URL.canParse(`http://[${bare}]`)) return address;
  // The parser of URLs writes every form of an address in the same way.
  const [head = '', tail] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length;
  return `${[...groups, ...Array(zeros).fill('0'), ...rest].slice(0, 4).join(':')}::/64`;
}
