/** Audio links: one audio format of one recording, sealed into a URL's token until it expires. */
import { z } from 'zod';
import { type AudioFormat, audioFormats, type LegacyCredentials } from '../legacy/wire.ts';
import type { Access, Caller } from './caller.ts';
import { AuthError } from './failure.ts';
import { SealError, type Sealer } from './seal.ts';

/** `expires_in`, in seconds. */
export const linkLifetime = { minimum: 30, maximum: 86_400, default: 900 } as const;

/** The lifetime of a link that outlives a playback with pauses, in seconds. */
export function toLinkLifetime(durationSeconds = 0): number {
  return Math.min(2 * durationSeconds + linkLifetime.default, linkLifetime.maximum);
}

/** The only audio that a link opens. */
export interface LinkedAudio {
  readonly sid: string;
  readonly format: AudioFormat;
  readonly sampleRate: number;
}

export interface AudioLinks {
  /** `expiresAt` in seconds since 1970. */
  create(caller: Caller, audio: LinkedAudio, expiresAt: number): Promise<string>;
  /** `token` is from the URL, `wanted` is the audio that the rest of the URL names. Throws AuthError. */
  open(token: string, wanted: LinkedAudio): Promise<Access>;
}

export interface AudioLinksOptions {
  readonly sealer: Sealer;
  /** The gateway's own account. Its links carry no keys. */
  readonly gatewayCredentials: LegacyCredentials | null;
}

/** A tuple without names keeps the URL short. */
const contents = z.tuple([
  z.string(),
  z.enum(audioFormats),
  z.number(),
  z.tuple([z.string(), z.string()]).nullable(),
]);

export function createAudioLinks({ sealer, gatewayCredentials }: AudioLinksOptions): AudioLinks {
  return {
    create({ credentials, bringsOwnKeys }, { sid, format, sampleRate }, expiresAt) {
      const keys = bringsOwnKeys ? [credentials.accessKey, credentials.secretAccessKey] : null;
      return sealer.seal('audio-link', [sid, format, sampleRate, keys], expiresAt);
    },

    async open(token, wanted) {
      const { payload, expiresAt } = await sealer.open('audio-link', token).catch((error) => {
        throw error instanceof SealError
          ? new AuthError({ kind: 'invalid-link', reason: error.reason })
          : error;
      });
      const opened = contents.safeParse(payload);
      if (!opened.success) throw new AuthError({ kind: 'invalid-link', reason: 'contents' });
      const [sid, format, sampleRate, keys] = opened.data;
      if (sid !== wanted.sid || format !== wanted.format || sampleRate !== wanted.sampleRate) {
        throw new AuthError({ kind: 'invalid-link', reason: 'other-audio' });
      }
      const credentials = keys ? { accessKey: keys[0], secretAccessKey: keys[1] } : gatewayCredentials;
      // The operator has removed the gateway's keys since the link was created.
      if (!credentials) throw new AuthError({ kind: 'invalid-link', reason: 'keys-not-accepted' });
      return {
        credentials,
        scopes: ['recordings:read'],
        bringsOwnKeys: keys !== null,
        authMethod: 'link',
        expiresAt,
        // A link is a caller of its own, with a share of its account's rate.
        names: ['audio-link', token],
      };
    },
  };
}
