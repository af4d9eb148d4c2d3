/** Access tokens: the account's keys and some scopes, sealed with an expiry time. The gateway stores nothing. */
import { z } from 'zod';
import type { LegacyCredentials } from '../legacy/wire.ts';
import type { Access } from './caller.ts';
import { AuthError } from './failure.ts';
import type { Narrowing } from './narrowing.ts';
import { type Scope, scopes } from './scopes.ts';
import { SealError, type Sealer } from './seal.ts';

/** `expires_in`, in seconds. */
export const tokenLifetime = { minimum: 60, maximum: 86_400, default: 3_600 } as const;

export interface Grant {
  readonly credentials: LegacyCredentials;
  readonly scopes: Iterable<Scope>;
  /** Null grants the whole account. */
  readonly narrowing?: Narrowing | null;
  /** In seconds; see tokenLifetime. */
  readonly expiresIn: number;
}

export interface AccessTokens {
  issue(grant: Grant): Promise<string>;
  /** Throws AuthError. */
  open(token: string): Promise<Access>;
}

export interface AccessTokensOptions {
  readonly sealer: Sealer;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

const contents = z.object({
  iat: z.number(),
  credentials: z.tuple([z.string(), z.string()]),
  scopes: z.array(z.enum(scopes)),
  /** Absent for the whole account. */
  narrowing: z
    .object({
      resources: z.array(z.object({ type: z.string(), id: z.string().nullable() })),
      sids: z.array(z.string()),
    })
    .optional(),
});

export function createAccessTokens({ sealer, now = Date.now }: AccessTokensOptions): AccessTokens {
  return {
    issue({ credentials, scopes, narrowing, expiresIn }) {
      const { minimum, maximum } = tokenLifetime;
      if (!(expiresIn >= minimum && expiresIn <= maximum)) {
        throw new RangeError(`expiresIn must be from ${minimum} to ${maximum}`);
      }
      const iat = Math.floor(now() / 1000);
      const payload: z.infer<typeof contents> = {
        iat,
        credentials: [credentials.accessKey, credentials.secretAccessKey],
        scopes: [...scopes],
        ...(narrowing && { narrowing: { resources: [...narrowing.resources], sids: [...narrowing.sids] } }),
      };
      return sealer.seal('access-token', payload, iat + expiresIn);
    },

    async open(token) {
      const { payload, expiresAt } = await sealer.open('access-token', token).catch((error) => {
        throw error instanceof SealError
          ? new AuthError({ kind: 'invalid-token', reason: error.reason })
          : error;
      });
      const opened = contents.safeParse(payload);
      // Sealed by this gateway, in the format of another release.
      if (!opened.success) throw new AuthError({ kind: 'invalid-token', reason: 'contents' });
      const [accessKey, secretAccessKey] = opened.data.credentials;
      const credentials = { accessKey, secretAccessKey };
      const { scopes, narrowing = null } = opened.data;
      return { credentials, scopes, narrowing, bringsOwnKeys: true, authMethod: 'token', expiresAt };
    },
  };
}
