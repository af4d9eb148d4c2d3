/** Staged audio: stored for an hour under a URL that only the vendor gets. */
import { z } from 'zod';
import { type AudioFormat, audioFormats, formats } from '../audio/formats.ts';
import type { AudioSource } from '../audio/source.ts';
import { createStoredSource, peek } from '../audio/stored-source.ts';
import { SealError, type Sealer } from '../auth/seal.ts';
import type { CreateDigest } from '../primitives/runtime-streams.ts';
import { StoreError } from '../store/failure.ts';
import { uploadKey } from '../store/keys.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { Incoming } from './body-reader.ts';
import { digestBody, type Received, receive } from './receive.ts';

/** How long the vendor may fetch the audio. */
export const stagedLifetimeSeconds = 3600;

export interface Staging {
  /** The largest accepted body, in bytes. */
  readonly limit: number;
  /** Throws StagingError or StoreError, and then leaves nothing behind. */
  stage(body: StagedBody): Promise<Staged>;
  /** Reads the body as `stage` does, but stores nothing. Throws StagingError. */
  digest(incoming: Incoming): Promise<Received>;
  /** Never rejects. If removal fails, the lifecycle rule of the store removes the object. */
  discard(staged: Staged): Promise<void>;
  /** Null if the token has another format, has expired or is invalid. Throws StoreError. */
  open(token: string, format: AudioFormat): Promise<AudioSource | null>;
}

interface StagedBody {
  readonly incoming: Incoming;
  readonly format: AudioFormat;
  readonly accountId: string;
  /** Whether the caller needs the digest. */
  readonly isDigested: boolean;
}

export interface Staged extends Received {
  readonly key: string;
  /** The URL that the vendor fetches, which needs no other credential. */
  readonly url: string;
}

export interface StagingOptions {
  readonly store: ObjectStore;
  readonly createDigest: CreateDigest;
  readonly sealer: Sealer;
  /** The origin under which the vendor reaches this gateway, without a trailing slash. */
  readonly publicUrl: string;
  /** The largest accepted body, in bytes. */
  readonly limit: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const contents = z.tuple([z.string().regex(/^[0-9a-f]{32}$/), z.uuid(), z.enum(audioFormats)]);

export function createStaging(options: StagingOptions): Staging {
  const { store, createDigest, sealer, publicUrl, limit, now = Date.now } = options;
  return {
    limit,
    async stage({ incoming, format, accountId, isDigested }) {
      const name = crypto.randomUUID();
      const key = uploadKey(accountId, name);
      const receipt = { incoming, format, key, createDigest: isDigested ? createDigest : null };
      const received = await receive(store, receipt);
      // The hour starts at the last byte.
      const expiresAt = Math.floor(now() / 1000) + stagedLifetimeSeconds;
      const payload: z.infer<typeof contents> = [accountId, name, format];
      const token = await sealer.seal('staged-audio', payload, expiresAt);
      return { ...received, key, url: `${publicUrl}/staged/${token}.${formats[format].extension}` };
    },

    digest: (incoming) => digestBody(incoming, createDigest),

    async discard({ key }) {
      await store.delete([key]).catch(() => {});
    },

    async open(token, format) {
      const opened = await sealer.open('staged-audio', token).catch((error: unknown) => {
        if (error instanceof SealError) return null;
        throw error;
      });
      const { data } = contents.safeParse(opened?.payload);
      if (data?.[2] !== format) return null;
      const [accountId, name] = data;
      const object = await peek(store, uploadKey(accountId, name), 'description').catch((cause: unknown) => {
        throw new StoreError({ kind: 'not-readable' }, { cause });
      });
      return object && createStoredSource(store, object);
    },
  };
}
