/**
 * The audio cache in the store: filled while audio is streamed, served with a strong tag, purged when its recording
 * is deleted. Longer than other files, because lookup, fill and purge share the tombstones in flight.
 */
import QuickLRU from 'quick-lru';
import type { LegacyDownload } from '../../legacy/response/download.ts';
import type { CreatePassThrough } from '../../primitives/runtime-streams.ts';
import { audioPrefix, type RecordingKey, tombstoneKey } from '../../store/keys.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import { storeTimeoutMs, withTimeout } from '../../store/timeout.ts';
import { type AudioFormat, formats } from '../formats.ts';
import type { AudioSource } from '../source.ts';
import { cancel, createStoredSource, peek, release, type Wanted } from '../stored-source.ts';
import { teeToCache } from './tee.ts';
import { createTombstones, type Tombstone } from './tombstones.ts';

export interface AudioCache {
  /** Never rejects. Look up before calling the legacy service, so that a deletion in between is noticed. */
  lookup(audio: AudioKey, wanted: Wanted, requestId?: string | null): Promise<CacheLookup>;
  /** Stops serving all stored audio of the recording, in-flight writes included. */
  purge(recording: RecordingKey, reason: PurgeReason): Promise<void>;
}

/**
 * `deleted`: the legacy service has deleted the recording, or will, so its audio is never stored again. `unknown`: it
 * may have. `not-found`: it has no such recording, so a tombstone is written only if the account had audio of it.
 */
export type PurgeReason = 'deleted' | 'unknown' | 'not-found';

interface AudioKey extends RecordingKey {
  readonly format: AudioFormat;
  readonly sampleRateHz: number;
}

/** The request that looked up, and how many writes had ended by then. */
interface Asked {
  readonly requestId: string | null;
  readonly writeCount: number;
}

export type StoreResult = 'hit' | 'miss' | 'failed';

export interface CacheLookup {
  /** Null without a store. */
  readonly result: StoreResult | null;
  readonly source: AudioSource | null;
  readonly fill: CacheFill | null;
}

/**
 * Two ways to fill the cache. Per process and key, only one write runs at a time, and a request that looked up before
 * another's write ended does not repeat it.
 */
export interface CacheFill {
  /** Returns the stream to read instead. `isIntact` is called at its end: truncated audio is not stored. */
  whilePassing(
    stream: ReadableStream<Uint8Array>,
    lengthBytes: number | null,
    isIntact?: () => boolean,
  ): ReadableStream<Uint8Array>;
  /** Downloads without a client, after the response. */
  inBackground(download: () => Promise<LegacyDownload>): void;
}
/** Without a store. */
export const noStore: CacheLookup = { result: null, source: null, fill: null };

export interface AudioCacheOptions {
  readonly store: ObjectStore;
  /** The same store for purges, which are tried even if lookups do without it. */
  readonly purgeStore?: ObjectStore;
  readonly createPassThrough: CreatePassThrough;
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Called each time the store fails and the client gets its audio from the legacy service. */
  readonly onFailure: (cause: unknown, requestId: string | null) => void;
  readonly timeoutMs?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Just below 5 GiB, the largest object that R2 and S3 accept in one put. */
const maxLengthBytes = 5e9;
/** Workers may end background work without settling its promise. */
const inFlightMs = 300_000;

export function createAudioCache(options: AudioCacheOptions): AudioCache {
  const {
    store,
    purgeStore = store,
    createPassThrough,
    waitUntil,
    onFailure,
    timeoutMs = storeTimeoutMs,
    now = Date.now,
  } = options;
  const tombstones = createTombstones(store);
  const purgeTombstones = createTombstones(purgeStore);

  /** This process's in-flight writes and their start, by key. */
  const inFlight = new QuickLRU<string, number>({ maxSize: 500 });
  /** The same by recording, for purges. */
  const inFlightRecordings = new QuickLRU<string, number>({ maxSize: 500 });
  /** Finished writes of this process, numbered in the order of their ends, by key. */
  const written = new QuickLRU<string, number>({ maxSize: 500 });
  let writeCount = 0;
  /** Tombstones that the store rejected; the client is told to repeat its deletion. */
  const owed = new QuickLRU<string, true>({ maxSize: 500 });
  const isRecent = (start: number | undefined) => start !== undefined && now() - start < inFlightMs;

  const toKey = (audio: AudioKey) => `${audioPrefix(audio)}${audio.format}-${audio.sampleRateHz}`;

  function createFill(audio: AudioKey, { generation }: Tombstone, asked: Asked): CacheFill {
    const key = toKey(audio);
    const reportFailure = (cause: unknown) => onFailure(cause, asked.requestId);
    const isTaken = () => isRecent(inFlight.get(key)) || (written.get(key) ?? 0) > asked.writeCount;

    function write(stream: ReadableStream<Uint8Array>, lengthBytes: number | null, isIntact = () => true) {
      const { format, sampleRateHz } = audio;
      const writer = store.write(key, {
        lengthBytes,
        contentType: formats[format].mediaType,
        metadata: { format, 'sample-rate': String(sampleRateHz), generation },
      });
      const passThrough = createPassThrough(lengthBytes);
      const { passed, stored } = teeToCache({
        stream,
        lengthBytes,
        isIntact,
        writer,
        passThrough,
        onFailure: reportFailure,
      });
      return {
        passed,
        stored: stored.then((isStored) => {
          if (!isStored) return;
          written.set(key, ++writeCount);
          return removeIfDeleted();
        }),
      };
    }

    /** A stale object is never served, but should not stay in the store. */
    async function removeIfDeleted(): Promise<void> {
      const current = await tombstones.read(audio);
      if (current.generation !== generation) await store.delete([key]);
    }

    function claim(work: () => Promise<unknown>): void {
      inFlight.set(key, now());
      inFlightRecordings.set(audioPrefix(audio), now());
      waitUntil(
        work()
          .catch(reportFailure)
          .finally(() => inFlight.delete(key)),
      );
    }

    return {
      whilePassing(stream, lengthBytes, isIntact) {
        if (isTaken() || (lengthBytes ?? 0) > maxLengthBytes) return stream;
        const { passed, stored } = write(stream, lengthBytes, isIntact);
        claim(() => stored);
        return passed;
      },
      inBackground(download) {
        if (isTaken()) return;
        claim(async () => {
          const found = await download();
          if (found.kind !== 'audio') return;
          const { head, length, body, isIntact } = found;
          if ((length ?? 0) > maxLengthBytes) return await body.cancel();
          const { passed, stored } = write(body.relay({ head, length }), length, isIntact);
          await Promise.all([passed.pipeTo(new WritableStream()), stored]);
        });
      },
    };
  }

  /** Returns whether there was any. */
  async function removeAll(recording: RecordingKey): Promise<boolean> {
    let isAny = false;
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await withTimeout(timeoutMs, purgeStore.list(audioPrefix(recording), cursor));
      if (page.keys.length > 0) await withTimeout(timeoutMs, purgeStore.delete(page.keys));
      isAny ||= page.keys.length > 0;
      cursor = page.cursor;
    }
    return isAny;
  }

  async function bump(recording: RecordingKey, final: boolean): Promise<void> {
    const key = tombstoneKey(recording);
    owed.set(key, true);
    await withTimeout(timeoutMs, purgeTombstones.bump(recording, final));
    owed.delete(key);
  }

  return {
    async lookup(audio, wanted, requestId = null) {
      const asked = { requestId, writeCount };
      const peeking = peek(store, toKey(audio), wanted);
      try {
        const both = Promise.all([tombstones.read(audio), peeking]);
        const [tombstone, object] = await withTimeout(timeoutMs, both);
        const isCurrent = !tombstone.final && object?.metadata.generation === tombstone.generation;
        if (object && isCurrent) {
          return { result: 'hit', source: createStoredSource(store, object), fill: null };
        }
        await cancel(object);
        const fill = tombstone.final ? null : createFill(audio, tombstone, asked);
        return { result: 'miss', source: null, fill };
      } catch (cause) {
        onFailure(cause, requestId);
        void release(peeking);
        // A store that cannot be read is not written to either.
        return { result: 'failed', source: null, fill: null };
      }
    },

    async purge(recording, reason) {
      const isKnown =
        reason !== 'not-found' ||
        isRecent(inFlightRecordings.get(audioPrefix(recording))) ||
        owed.get(tombstoneKey(recording)) === true;
      // The tombstone is written first, since it stops in-flight writes. Stored audio is removed even if that fails.
      const bumping = isKnown ? bump(recording, reason === 'deleted') : Promise.resolve();
      await bumping.catch(() => {});
      const isAny = await removeAll(recording);
      await bumping;
      if (isAny && !isKnown) await bump(recording, false);
    },
  };
}
