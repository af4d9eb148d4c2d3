/** Bytes on their way to the vendor: kept in R2 under a URL that only we hand out, and that closes after an hour. */
import type { R2Bucket } from '@cloudflare/workers-types';
import { z } from 'zod';
import type { AudioSource } from '../audio/source.ts';
import { SealError, type Sealer } from '../auth/seal.ts';
import type { Incoming } from './body-reader.ts';
import type { StagedFormat } from './declared-audio.ts';
import { digestBody } from './digest.ts';
import { StagingError } from './failure.ts';
import { type Received, receive } from './receive.ts';

/** How long the vendor may fetch, in seconds. */
export const stagedLifetime = 3600;

/** A rule on the bucket removes what is left under it. */
export const stagedPrefix = 'staged/';

export interface Staging {
  /** The largest body that is taken, in bytes. */
  readonly limit: number;
  /** Throws StagingError, and leaves nothing behind where it does. */
  stage(incoming: Incoming, format: StagedFormat): Promise<Staged>;
  /** What `stage` would have received, but kept nowhere. Throws StagingError. */
  digest(incoming: Incoming): Promise<Received>;
  /** Never rejects: what cannot be removed now, the rule on the bucket removes. */
  discard(staged: Staged): Promise<void>;
  /** What is behind a URL; null where the token is not of that format, has expired, or opens nothing. Throws StagingError. */
  open(token: string, format: StagedFormat): Promise<AudioSource | null>;
}

export interface Staged extends Received {
  readonly key: string;
  /** Where the vendor fetches it. Whoever knows it can. */
  readonly url: string;
}

export interface StagingOptions {
  readonly bucket: R2Bucket;
  readonly sealer: Sealer;
  /** Where the vendor reaches this gateway: an origin, without a trailing slash. */
  readonly publicUrl: string;
  /** The largest body that is taken, in bytes. */
  readonly limit: number;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

const contents = z.tuple([z.uuid(), z.enum(['wav', 'mp3'])]);

export function createStaging({ bucket, sealer, publicUrl, limit, now = Date.now }: StagingOptions): Staging {
  return {
    limit,
    async stage(incoming, format) {
      const name = crypto.randomUUID();
      const key = stagedPrefix + name;
      const received = await receive(bucket, { incoming, format, key });
      // The hour begins when the last byte has come.
      const expiresAt = Math.floor(now() / 1000) + stagedLifetime;
      const payload: z.infer<typeof contents> = [name, format];
      const token = await sealer.seal('staged-audio', payload, expiresAt);
      return { ...received, key, url: `${publicUrl}/staged/${token}.${format}` };
    },

    digest: digestBody,

    async discard({ key }) {
      await bucket.delete(key).catch(() => {});
    },

    async open(token, format) {
      const opened = await sealer.open('staged-audio', token).catch((error: unknown) => {
        if (error instanceof SealError) return null;
        throw error;
      });
      const { data } = contents.safeParse(opened?.payload);
      if (data?.[1] !== format) return null;
      return await ask(() => openObject(bucket, stagedPrefix + data[0]));
    },
  };
}

async function openObject(bucket: R2Bucket, key: string): Promise<AudioSource | null> {
  const object = await bucket.head(key);
  if (!object) return null;
  return {
    extent: { length: object.size },
    validators: { etag: object.httpEtag, lastModified: object.uploaded },
    async open(range) {
      const options = range && { range: { offset: range.start, length: range.end - range.start } };
      const found = await ask(() => bucket.get(key, options ?? {}));
      if (!found) throw new StagingError({ kind: 'store-unavailable' });
      // The same streams by the names of two libraries of types.
      return found.body as unknown as ReadableStream<Uint8Array>;
    },
    close: async () => {},
  };
}

async function ask<T>(store: () => Promise<T>): Promise<T> {
  try {
    return await store();
  } catch (cause) {
    throw new StagingError({ kind: 'store-unavailable' }, { cause });
  }
}
