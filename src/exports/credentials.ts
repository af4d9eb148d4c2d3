/** The keys of an export: sealed in its state, or the gateway's own; in clear text only in memory. */
import { z } from 'zod';
import { type Caller, createCaller } from '../auth/caller.ts';
import { SealError, type Sealer } from '../auth/seal.ts';
import { LegacyError } from '../legacy/failure.ts';
import type { LegacyCredentials } from '../legacy/wire.ts';
import { sha256Hex } from '../primitives/sha256.ts';
import { Problem } from '../problem/problem.ts';
import type { ExportState } from './state.ts';

/** A longer export must be resumed with keys. */
const lifetimeSeconds = 90 * 24 * 60 * 60;

const contents = z.tuple([z.string(), z.string()]);

export interface ExportKeys {
  /** For the state. Throws Problem if the gateway cannot seal the caller's keys. */
  keep(caller: Caller): Promise<ExportState['keys']>;
  /** The caller of the export's legacy calls. Throws LegacyError if the keys no longer open. */
  open(state: ExportState): Promise<Caller>;
}

export interface ExportKeysOptions {
  readonly sealer: Sealer | null;
  readonly gatewayCredentials: LegacyCredentials | null;
}

export function createExportKeys({ sealer, gatewayCredentials }: ExportKeysOptions): ExportKeys {
  async function openKeys(keys: ExportState['keys']): Promise<LegacyCredentials | null> {
    if (keys === 'gateway') return gatewayCredentials;
    const opened = keys && (await sealer?.open('export-keys', keys.sealed).catch(ignoreSealError));
    const { data } = contents.safeParse(opened?.payload);
    return data ? { accessKey: data[0], secretAccessKey: data[1] } : null;
  }

  return {
    async keep({ bringsOwnKeys, credentials }) {
      if (!bringsOwnKeys) return 'gateway';
      if (!sealer) {
        throw new Problem('exports-not-configured', {
          detail:
            "An export keeps the account's keys sealed until it ends. The operator of this gateway must configure: TOKEN_KEYS.",
        });
      }
      const expiresAt = Math.floor(Date.now() / 1000) + lifetimeSeconds;
      const payload = [credentials.accessKey, credentials.secretAccessKey];
      return { sealed: await sealer.seal('export-keys', payload, expiresAt) };
    },

    async open({ keys, id }) {
      const credentials = await openKeys(keys);
      // Treated like revoked keys: the export can be resumed with new ones.
      if (!credentials) throw new LegacyError({ kind: 'credentials-rejected' });
      const bringsOwnKeys = keys !== 'gateway';
      const facts = { credentials, scopes: [], bringsOwnKeys, authMethod: 'basic', expiresAt: null } as const;
      // A caller of its own, which shares slots with the account's requests.
      return await createCaller({ ...facts, names: ['export', id] });
    },
  };
}

function ignoreSealError(error: unknown): null {
  if (error instanceof SealError) return null;
  throw error;
}

/** A digest of the account, which has one access key even if its secret is rotated. */
export function toOwner({ accessKey }: LegacyCredentials): Promise<string> {
  return sha256Hex(JSON.stringify(['recordings-gateway', 'owner of an export', accessKey]));
}
