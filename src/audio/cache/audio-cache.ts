/** Audio in R2: kept as it passes, served from there with a strong tag, and gone when its recording is deleted. */

import type { R2Bucket } from '@cloudflare/workers-types';
import QuickLRU from 'quick-lru';
import type { LegacyDownload } from '../../legacy/response/download.ts';
import { createStoreWriter } from '../../workers/store-writer.ts';
import { type AudioFormat, mediaTypes } from '../formats.ts';
import type { AudioSource } from '../source.ts';
import { cancel, createStoredSource, letGo, peek, type Wanted } from './cached-source.ts';
import { teeToCache } from './tee.ts';
import { storeTimeoutMs, withTimeout } from './timeout.ts';
import { createTombstones, type Tombstone } from './tombstones.ts';

export interface AudioCache {
  /** What is there, and a way to keep what is not; never rejects. Ask before the legacy is asked: a deletion in between is noticed by that. */
  lookup(audio: AudioKey, wanted: Wanted): Promise<CacheLookup>;
  /**
   * No audio of the recording that was kept until now is served any more, in no format and to nobody, nor what is being
   * written at this moment; with `final`, none is kept from now on either.
   */
  purge(sid: string, final: boolean): Promise<void>;
}

export interface AudioKey {
  /** Of the account's credentials: accounts share nothing. */
  readonly accountId: string;
  readonly sid: string;
  readonly format: AudioFormat;
  /** In hertz. */
  readonly sampleRate: number;
}

export interface CacheLookup {
  readonly source: AudioSource | null;
  readonly keep: Keep | null;
}

/** Ways into the store; of those who take one in an isolate at the same time, only the first does. */
export interface Keep {
  /** By a client's side: the stream that comes back is to be read instead. `length` in bytes, or null. */
  pass(stream: ReadableStream<Uint8Array>, length: number | null): ReadableStream<Uint8Array>;
  /** Without a client, after the answer: a player that jumps about never reads to the end. */
  fill(download: () => Promise<LegacyDownload>): void;
}

/** As from a store that is not there, fails, or may keep nothing. */
export const miss: CacheLookup = { source: null, keep: null };

export interface AudioCacheOptions {
  readonly bucket: R2Bucket;
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Told of every time that the store failed and its client has the audio all the same, from the legacy. */
  readonly onFailure: (cause: unknown) => void;
  /** How long one call to the bucket may take, in milliseconds. */
  readonly patience?: number;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/** A rule on the bucket expires what is under it. */
const prefix = 'audio/';

/** What R2 takes as one object in one go, a little less than 5 GiB. In bytes. */
const maxLength = 5e9;

/** By the recording first, so that its deletion finds what is kept under every key of the account. */
function toKey({ accountId, sid, format, sampleRate }: AudioKey): string {
  return `${prefix}${sid}/${accountId}/${format}-${sampleRate}`;
}

/** In milliseconds. Work that Workers cut short never says that it has ended. */
const underwayFor = 300_000;

export function createAudioCache(options: AudioCacheOptions): AudioCache {
  const { bucket, waitUntil, onFailure, patience = storeTimeoutMs, now = Date.now } = options;
  const marks = createTombstones(bucket);

  /** What this isolate is writing, and since when. */
  const underway = new QuickLRU<string, number>({ maxSize: 500 });
  const isUnderway = (key: string) => now() - (underway.get(key) ?? Number.NEGATIVE_INFINITY) < underwayFor;

  function createKeep(audio: AudioKey, tombstone: Tombstone): Keep {
    const key = toKey(audio);

    function write(stream: ReadableStream<Uint8Array>, length: number | null) {
      const { format, sampleRate } = audio;
      const writer = createStoreWriter(bucket, {
        key,
        length,
        httpMetadata: { contentType: mediaTypes[format] },
        customMetadata: { format, sample_rate: String(sampleRate), generation: tombstone.generation },
      });
      const { passed, kept } = teeToCache({ stream, length, writer, onFailure });
      return {
        passed,
        kept: kept.then((isKept) => (isKept ? removeIfDeleted(audio, tombstone) : undefined)),
      };
    }

    /** Never rejects: nobody is there to be told. */
    function claim(work: () => Promise<unknown>): void {
      underway.set(key, now());
      waitUntil(
        work()
          .catch(onFailure)
          .finally(() => underway.delete(key)),
      );
    }

    return {
      pass(stream, length) {
        if (isUnderway(key) || (length ?? 0) > maxLength) return stream;
        const { passed, kept } = write(stream, length);
        claim(() => kept);
        return passed;
      },
      fill(download) {
        if (isUnderway(key)) return;
        claim(async () => {
          const found = await download();
          if (found.kind !== 'audio') return;
          const { head, length, body } = found;
          if ((length ?? 0) > maxLength) return await body.cancel();
          const { passed, kept } = write(body.relay({ head, length }), length);
          await Promise.all([passed.pipeTo(new WritableStream()), kept]);
        });
      },
    };
  }

  /** It would not be served, but neither should it be there. */
  async function removeIfDeleted(audio: AudioKey, { generation }: Tombstone): Promise<void> {
    const current = await marks.read(audio.sid);
    if (current.generation !== generation) await bucket.delete(toKey(audio));
  }

  async function removeAll(sid: string): Promise<void> {
    for (let isMore = true; isMore; ) {
      const { objects, truncated } = await withTimeout(patience, bucket.list({ prefix: `${prefix}${sid}/` }));
      const keys = objects.map(({ key }) => key);
      if (keys.length > 0) await withTimeout(patience, bucket.delete(keys));
      isMore = truncated;
    }
  }

  return {
    async lookup(audio, wanted) {
      const peeking = peek(bucket, toKey(audio), wanted);
      try {
        const looks = Promise.all([marks.read(audio.sid), peeking]);
        const [tombstone, object] = await withTimeout(patience, looks);
        const isCurrent = !tombstone.final && object?.customMetadata?.generation === tombstone.generation;
        if (object && isCurrent) return { source: createStoredSource(bucket, object, wanted), keep: null };
        await cancel(object);
        return tombstone.final ? miss : { source: null, keep: createKeep(audio, tombstone) };
      } catch (cause) {
        onFailure(cause);
        void letGo(peeking);
        // What cannot be looked at is not written to either.
        return miss;
      }
    },

    async purge(sid, final) {
      const marking = withTimeout(patience, marks.bump(sid, final));
      // First the tombstone, by which a writer sees that it comes too late; but what is there goes without one as well.
      await marking.catch(() => {});
      await removeAll(sid);
      await marking;
    },
  };
}
