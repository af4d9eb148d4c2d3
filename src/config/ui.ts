/** The panel and the reference: their files, and the configuration that the gateway gives the panel. */
import type { LegacyCredentials } from '../legacy/wire.ts';

/** Returns the built file for the request's path, or 404. */
export type Assets = (request: Request) => Promise<Response>;

/** The gateway's description of itself for the panel: `/panel/config.json`. */
export interface PanelConfig {
  /** Whether the legacy service is a real one, as far as the gateway knows. */
  readonly live: boolean;
  /** Whether account keys are accepted: false with `BASIC_AUTH=off`. */
  readonly account_keys: boolean;
  /** Whether the gateway issues tokens and audio links. */
  readonly tokens: boolean;
  /** Whether uploads accept audio, in addition to paths. */
  readonly byte_uploads: boolean;
  readonly max_upload_bytes: number;
  /** Whether the gateway runs exports. */
  readonly exports: boolean;
  /** The emulator's keys, only if the emulator runs on the same machine. */
  readonly demo: { readonly access_key: string; readonly secret_access_key: string } | null;
}

export interface Ui {
  readonly assets: Assets;
  readonly panel: PanelConfig;
}

export interface UiOptions {
  readonly enabled: boolean;
  /** Whether clients may authenticate with an account's keys. */
  readonly acceptsKeys: boolean;
  /** An emulator's keys, which the panel fills in. */
  readonly demoKeys: LegacyCredentials | null;
  /** Whether the legacy service is a real one, as far as the gateway knows. */
  readonly isLive: boolean;
  /** In bytes. */
  readonly maxUploadBytes: number;
  /** Null if the runtime serves no files. */
  readonly assets: Assets | null;
  readonly hasTokens: boolean;
  readonly hasStaging: boolean;
  readonly hasExports: boolean;
}

/** Null if the panel is disabled or was not built. */
export function createUi(options: UiOptions): Ui | null {
  const { assets, demoKeys } = options;
  if (!options.enabled || !assets) return null;
  return {
    assets,
    panel: {
      live: options.isLive,
      account_keys: options.acceptsKeys,
      tokens: options.hasTokens,
      byte_uploads: options.hasStaging,
      max_upload_bytes: options.maxUploadBytes,
      exports: options.hasExports,
      demo: demoKeys && { access_key: demoKeys.accessKey, secret_access_key: demoKeys.secretAccessKey },
    },
  };
}
