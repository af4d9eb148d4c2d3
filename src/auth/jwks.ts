/** The identity provider's public keys, fetched on demand and cached. */

import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { sleep } from '../primitives/sleep.ts';
import { AuthError } from './failure.ts';

export interface JwksOptions {
  readonly url: URL;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** For one fetch including its body, in milliseconds. */
  readonly timeout?: number;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/** In milliseconds: how long a set is fresh, and how long it is used at most while fetches fail. */
const freshFor = 600_000;
const usableFor = 3_600_000;
/** In milliseconds: minimum time between fetches caused by an unknown `kid`. */
const unknownKidCooldown = 60_000;
/** In milliseconds: how long a failed fetch suppresses further ones. */
const failureCooldown = 5_000;
/** In milliseconds: how long a claim outlives its fetch, so that no request takes over a fetch that is about to fail. */
const claimGrace = 1_000;
/** In bytes; a large provider's set is 10 KB. */
const maxLength = 262_144;

/**
 * jose's remote set does not cache failures, so a provider that is down gets one fetch per request; on Workers, every
 * request of a cold start fetches too. This layer adds both; jose still finds and imports keys. The result throws
 * AuthError if the set is unavailable, and jose's errors if it lacks the key.
 */
export function createJwks({ url, fetch, timeout = 5_000, now = Date.now }: JwksOptions): JWTVerifyGetKey {
  let keys: ReturnType<typeof createLocalJWKSet> | null = null;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let attemptedAt = Number.NEGATIVE_INFINITY;
  /** Cause of the latest failed fetch, for the operator's log. */
  let fault: { readonly cause: unknown } | null = null;
  /** The request that is fetching. On Workers a cancelled request never returns, so its claim expires. */
  let claim: symbol | null = null;
  const isClaimed = () => claim !== null && now() - attemptedAt < timeout + claimGrace;

  async function refresh() {
    if (isClaimed()) {
      // On Workers a request must not await another request's promise, but it may read shared data.
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
    // Only the provider knows whether the key is new or made up.
    if (fault) throw unavailable();
    return await keys(header, token);
  };
}

/** Rejects with any error; callers log it and never return its text to clients. */
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
    // No redirects: the redirect target would choose the keys.
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
  // The signal may not end a stalled body on every runtime, hence the race.
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
