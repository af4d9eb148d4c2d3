/** The panel and the reference, where they are served: their files, and what the gateway tells the panel. */
import type { LegacyCredentials } from '../legacy/wire.ts';

/** A file of the built folder by the path of the request, or 404. */
export type Assets = (request: Request) => Promise<Response>;

/** What the gateway says about itself to the panel: `/panel/config.json`. */
export interface PanelConfig {
  /** Whether the legacy service behind the gateway is, for all the gateway knows, a real one. */
  readonly live: boolean;
  /** Whether account keys are accepted: false with `BASIC_AUTH=off`. */
  readonly account_keys: boolean;
  /** Whether tokens and audio links are to be had. */
  readonly tokens: boolean;
  /** Whether audio itself can be uploaded, and not only its address. */
  readonly byte_uploads: boolean;
  readonly max_upload_bytes: number;
  /** The emulator's keys, on a machine of its own only. */
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
  /** Whether the legacy service is, for all the gateway knows, a real one. */
  readonly isLive: boolean;
  /** In bytes. */
  readonly maxUploadBytes: number;
  /** Null where the runtime has none. */
  readonly assets: Assets | null;
  readonly hasTokens: boolean;
  readonly hasStaging: boolean;
}

/** Null where it is switched off, or was not built. */
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
      demo: demoKeys && { access_key: demoKeys.accessKey, secret_access_key: demoKeys.secretAccessKey },
    },
  };
}
