/** Makes an upload's legacy call: once per `Idempotency-Key`, however often and wherever it is requested. */
import type { Caller } from '../auth/caller.ts';
import type { RequestContext } from '../auth/request-context.ts';
import { maxIdempotencyKey, parseIdempotencyKey } from '../http/idempotency-key.ts';
import { mayHaveSucceeded } from '../legacy/call/unclear-outcome.ts';
import type { LegacyClient } from '../legacy/client.ts';
import { LegacyError } from '../legacy/failure.ts';
import type { LegacyActions } from '../legacy/wire.ts';
import { sha256Hex } from '../primitives/sha256.ts';
import { Problem } from '../problem/problem.ts';
import { idempotencyKey } from '../store/keys.ts';
import type { Ending, IdempotencyRecord, IdempotencyStore, Outcome } from './idempotency-store.ts';

/** A key, bound to the caller and the operation that it was sent with. */
export interface BoundKey {
  /** The prefix of its objects in the store. */
  readonly id: string;
  readonly store: IdempotencyStore;
}

export interface KeyBinding {
  readonly operation: 'createUpload' | 'uploadAudio';
  readonly caller: Caller;
  readonly store: IdempotencyStore | null;
}

/**
 * Null if the request has no key. Throws Problem if its header is malformed or the gateway has no usable store, and
 * StoreError if the store fails.
 */
export async function bindKey(header: string | undefined, binding: KeyBinding): Promise<BoundKey | null> {
  if (header === undefined) return null;
  const key = parseIdempotencyKey(header);
  if (key === null) {
    const detail = `must be one string of 1 to ${maxIdempotencyKey} ASCII characters in quotation marks`;
    throw new Problem('invalid-request', {
      detail: 'The Idempotency-Key is invalid.',
      errors: [{ parameter: 'Idempotency-Key', detail }],
    });
  }
  const { operation, caller, store } = binding;
  if (!store || !(await store.isReliable())) {
    throw new Problem('idempotency-not-configured', {
      detail:
        'This gateway cannot store first responses: STORE is not configured, or ignores conditional writes.',
    });
  }
  const digest = await toFingerprint([caller.accountId, caller.subject, operation, key]);
  return { id: idempotencyKey(caller.accountId, digest), store };
}

/** A digest of the parts, in hexadecimal digits. */
export async function toFingerprint(parts: readonly (string | number | null | undefined)[]): Promise<string> {
  return await sha256Hex(JSON.stringify(parts.map((part) => part ?? null)));
}

/**
 * Throws LegacyError. The call continues when the client disconnects, because the legacy service may take the audio
 * before it responds.
 */
export function callLegacy(
  legacy: LegacyClient,
  context: RequestContext,
  parameters: LegacyActions['recording.upload'],
): Promise<void> {
  const { signal } = new AbortController();
  return legacy.execute({ action: 'recording.upload', parameters }, { ...context, signal });
}

export interface Settled extends Ending {
  /** Whether this request made the call, instead of getting the outcome of an earlier one. */
  readonly isFirst: boolean;
}

/** Throws Problem or StoreError, without a call, if another request owns the key. */
export async function executeOnce(
  key: BoundKey | null,
  fingerprint: string,
  call: () => Promise<void>,
): Promise<Settled> {
  if (!key) return { isFirst: true, ...(await toEnding(call)) };
  const found = await key.store.begin(key.id, fingerprint);
  if (!('complete' in found)) {
    return { isFirst: false, outcome: replay(found, fingerprint), mayHaveSucceeded: false };
  }
  const ending = await toEnding(call);
  await found.complete(ending);
  return { isFirst: true, ...ending };
}

/** The outcome of the first request, for the same upload. Throws Problem if it has none to return. */
export function replay(known: IdempotencyRecord, fingerprint: string): Outcome {
  if (known.fingerprint !== fingerprint) {
    throw new Problem('idempotency-key-reused', {
      detail: 'The Idempotency-Key was used for another upload. Send this one with a new key.',
    });
  }
  if (known.state === 'running') {
    throw new Problem('idempotency-key-in-use', {
      detail: 'The first request with this Idempotency-Key is still in progress. Retry later.',
      headers: [['Retry-After', '2']],
    });
  }
  if (known.state === 'lost') {
    throw new Problem('upload-outcome-unknown', {
      detail:
        'The outcome of the first request with this Idempotency-Key is unknown. List the recordings before you upload again.',
    });
  }
  return known.state.outcome;
}

async function toEnding(call: () => Promise<void>): Promise<Ending> {
  try {
    await call();
    return { outcome: null, mayHaveSucceeded: false };
  } catch (error) {
    if (error instanceof LegacyError)
      return { outcome: error.failure, mayHaveSucceeded: mayHaveSucceeded(error) };
    throw error;
  }
}
