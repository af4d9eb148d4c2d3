/** The identity provider's public keys: fetched when needed, kept, and fetched again seldom. */

import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { sleep } from '../primitives/sleep.ts';
import { AuthError } from './failure.ts';

export interface JwksOptions {
  readonly url: URL;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Of one fetch to its last byte, in milliseconds. */
  readonly timeout?: number;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/** In milliseconds: how long a set serves before it is fetched again, and how long at most if that fails. */
const freshFor = 600_000;
const usableFor = 3_600_000;
/** In milliseconds: at most one fetch in this time because of a `kid` that the set does not have. */
const unknownKidCooldown = 60_000;
/** In milliseconds: how long a failed fetch answers for the next ones. */
const failureCooldown = 5_000;
/** In milliseconds: what a claim outlives its fetch by, so that nobody takes over one that is about to fail. */
const claimGrace = 1_000;
/** In bytes; a large provider's set is 10 KB. */
const maxLength = 262_144;

/**
 * jose's own remote set keeps no failure, so that a provider that is down gets one fetch a request, and in Workers
 * it lets every request of a cold start fetch. Hence this layer; finding and importing keys stays with jose.
 * The result throws AuthError where the set cannot be had, jose's errors where it has no such key.
 */
export function createJwks({ url, fetch, timeout = 5_000, now = Date.now }: JwksOptions): JWTVerifyGetKey {
  let keys: ReturnType<typeof createLocalJWKSet> | null = null;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let attemptedAt = Number.NEGATIVE_INFINITY;
  /** Why the latest fetch failed, for the operator's log. */
  let fault: { readonly cause: unknown } | null = null;
  /** Who is fetching. A request that was cancelled in Workers never comes back, so its claim lapses. */
  let claim: symbol | null = null;
  const isClaimed = () => claim !== null && now() - attemptedAt < timeout + claimGrace;

  async function refresh() {
    if (isClaimed()) {
      // In Workers a request must not wait for another's promise; data, it may look at.
      while (isClaimed()) await sleep(10);
      if (claim === null) return;
    }
    const mine = Symbol('claim');
    claim = mine;
    attemptedAt = now();
    try {
      keys = createLocalJWKSet(await fetchKeySet({ url, fetch, timeout }));
      fetchedAt = now();
      fault = null;
    } catch (cause) {
      fault = { cause };
    } finally {
      if (claim === mine) claim = null;
    }
  }

  const unavailable = () =>
    new AuthError(
      { kind: 'identity-provider-unavailable', retryAfter: failureCooldown / 1000 },
      fault ?? undefined,
    );

  return async (header, token) => {
    const isStale = now() - fetchedAt >= freshFor;
    if (isStale && (isClaimed() || !fault || now() - attemptedAt >= failureCooldown)) await refresh();
    if (!keys || now() - fetchedAt >= usableFor) throw unavailable();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    if (isClaimed() || now() - attemptedAt >= unknownKidCooldown) await refresh();
    // Whether the key is new or made up is known only to the provider.
    if (fault) throw unavailable();
    return await keys(header, token);
  };
}

/** Rejects with whatever went wrong; the texts are for nobody. */
async function fetchKeySet({
  url,
  fetch,
  timeout,
}: Required<Pick<JwksOptions, 'url' | 'fetch' | 'timeout'>>) {
  const signal = AbortSignal.timeout(timeout);
  const expired = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const read = async () => {
    // No redirects: who controls one would choose the keys.
    const response = await fetch(url.href, {
      headers: { accept: 'application/json' },
      redirect: 'manual',
      signal,
    });
    if (response.status !== 200 || !response.body) {
      await response.body?.cancel();
      throw new Error(`the key set answered ${response.status}`);
    }
    return JSON.parse(await readText(response.body, signal));
  };
  // The signal ends the fetch; that it also ends a body that has stalled is not to be relied on.
  return await Promise.race([read(), expired]);
}

async function readText(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<string> {
  const reader = body.getReader();
  const cancel = () => {
    reader.cancel().catch(() => undefined);
  };
  signal.addEventListener('abort', cancel, { once: true });
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    length += chunk.value.byteLength;
    if (length > maxLength) {
      cancel();
      throw new Error('the key set is too long');
    }
    text += decoder.decode(chunk.value, { stream: true });
  }
  return text + decoder.decode();
}
