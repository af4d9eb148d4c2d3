/**
 * Stores the first outcome under an `Idempotency-Key` for a day. The request that writes the record of a call makes
 * the call, and no other request does, on any number of Workers or processes.
 *
 * The call and its outcome are separate objects, each written once, because R2 takes one write per second and key.
 */

import { z } from 'zod';
import type { LegacyFailure } from '../legacy/failure.ts';
import { sleep } from '../primitives/sleep.ts';
import { StoreError } from '../store/failure.ts';
import type { ObjectStore, StoredBody } from '../store/object-store.ts';

/** Pauses before a failed write is retried. */
const pausesMs = [500, 1_000];

const lifetimeMs = 24 * 60 * 60 * 1000;

/** Null is success. */
export type Outcome = LegacyFailure | null;

/** How a call has ended. */
export interface Ending {
  readonly outcome: Outcome;
  /** Whether the legacy service may have acted although the call failed. */
  readonly mayHaveSucceeded: boolean;
}

export interface IdempotencyRecord {
  /** Identifies the request's content. */
  readonly fingerprint: string;
  /** `lost`: the request that made the call ended without storing an outcome. */
  readonly state: 'running' | 'lost' | { readonly outcome: Outcome };
}

interface Reservation {
  /** Stores the outcome for later requests, or removes the call if a retry may succeed. Never rejects. */
  complete(ending: Ending): Promise<void>;
}

/** `id` is the prefix of the two objects of one Idempotency-Key. Throws StoreError if the store fails. */
export interface IdempotencyStore {
  /** False if the store ignores conditional writes, so that two requests could both make the call. */
  isReliable(): Promise<boolean>;
  find(id: string): Promise<IdempotencyRecord | null>;
  /** Of concurrent requests, one gets the reservation. */
  begin(id: string, fingerprint: string): Promise<Reservation | IdempotencyRecord>;
}

export interface IdempotencyStoreOptions {
  readonly store: ObjectStore;
  /** A call without an outcome for longer is lost. */
  readonly lostAfterMs: number;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
  readonly wait?: (milliseconds: number) => Promise<void>;
}

const callRecord = z.object({ name: z.uuid(), fingerprint: z.string(), at: z.number() });
const outcomeRecord = z.object({ outcome: z.custom<Outcome>((value) => typeof value === 'object') });

export function createIdempotencyStore(options: IdempotencyStoreOptions): IdempotencyStore {
  const { store, lostAfterMs, now = Date.now, wait = sleep } = options;
  // Neither key is a prefix folder of the other: S3 servers on a file system cannot store both.
  const callKey = (id: string) => `${id}/call`;
  const outcomeKey = (id: string, name: string) => `${id}/${name}`;

  /** The record under the key, or the tag of an expired one that may be replaced. */
  async function lookup(id: string): Promise<Found> {
    const object = await store.get(callKey(id));
    if (!object) return { known: null, name: null, stale: null };
    const { name, fingerprint, at } = callRecord.parse(await readJson(object));
    const age = now() - at;
    if (age >= lifetimeMs) return { known: null, name: null, stale: object.etag };
    const stored = await store.get(outcomeKey(id, name));
    return { known: { fingerprint, state: await toState(stored, age) }, name, stale: null };
  }

  async function toState(stored: StoredBody | null, age: number): Promise<IdempotencyRecord['state']> {
    if (stored) return outcomeRecord.parse(await readJson(stored));
    return age < lostAfterMs ? 'running' : 'lost';
  }

  async function begin(id: string, fingerprint: string): Promise<Reservation | IdempotencyRecord> {
    const name = crypto.randomUUID();
    for (const pause of [...pausesMs, null]) {
      const { known, name: first, stale } = await lookup(id);
      // This request's own record: the store wrote it without confirming.
      if (first === name) return { complete: (ending) => complete(id, name, ending) };
      if (known) return known;
      const record: z.infer<typeof callRecord> = { name, fingerprint, at: now() };
      const onlyIf = stale === null ? 'absent' : { etag: stale };
      try {
        if (await store.put(callKey(id), JSON.stringify(record), { onlyIf })) {
          return { complete: (ending) => complete(id, name, ending) };
        }
      } catch (cause) {
        // Stores reject concurrent writes of a key: another request's may be in flight.
        if (pause === null) throw cause;
        await wait(pause);
      }
    }
    return (await lookup(id)).known ?? { fingerprint, state: 'running' };
  }

  async function complete(id: string, name: string, ending: Ending): Promise<void> {
    if (!isKept(ending)) {
      // No retry: a delete that failed may still have succeeded, and a second one could remove another request's new
      // record.
      await store.delete([callKey(id)]).catch(() => {});
      return;
    }
    for (const pause of [...pausesMs, null]) {
      const write = store.put(outcomeKey(id, name), JSON.stringify({ outcome: ending.outcome }));
      const done = await write.then(
        () => true,
        () => false,
      );
      if (done || pause === null) return;
      await wait(pause);
    }
  }

  return {
    isReliable: () => guard(store.honoursConditions),
    find: (id) => guard(async () => (await lookup(id)).known),
    begin: (id, fingerprint) => guard(() => begin(id, fingerprint)),
  };
}

interface Found {
  readonly known: IdempotencyRecord | null;
  readonly name: string | null;
  readonly stale: string | null;
}

async function guard<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    throw new StoreError({ kind: 'upload-not-stored' }, { cause });
  }
}

function readJson({ body }: StoredBody): Promise<unknown> {
  return new Response(body).json();
}

/**
 * Successes and rejections are kept. So is an unknown outcome, after a timeout or a broken connection, since another
 * call could upload twice. Rejected credentials and rate limits are not kept: the legacy service has done nothing and
 * may accept later.
 */
function isKept({ outcome, mayHaveSucceeded }: Ending): boolean {
  return outcome === null || mayHaveSucceeded || isRefusal(outcome);
}

function isRefusal(failure: LegacyFailure): boolean {
  if (failure.kind === 'failed') return failure.status >= 400 && failure.status < 500;
  return failure.kind === 'invalid-request' || failure.kind === 'file-not-found';
}
