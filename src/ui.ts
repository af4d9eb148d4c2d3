/** The panel and the reference, where they are served: their files, and what the gateway tells the panel. */
import type { Config } from './config.ts';
import { isLoopback } from './http/loopback.ts';

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
  /** Null where the runtime has none. */
  readonly assets: Assets | null;
  readonly hasTokens: boolean;
  readonly hasStaging: boolean;
}

/** Null where it is switched off, or was not built. */
export function createUi(config: Config, { assets, hasTokens, hasStaging }: UiOptions): Ui | null {
  if (!config.ui.enabled || !assets) return null;
  const { demoKeys } = config.ui;
  return {
    assets,
    panel: {
      live: !isLoopback(config.legacy.url),
      account_keys: config.acceptsKeys,
      tokens: hasTokens,
      byte_uploads: hasStaging,
      max_upload_bytes: config.uploads.limit,
      demo: demoKeys && { access_key: demoKeys.accessKey, secret_access_key: demoKeys.secretAccessKey },
    },
  };
}
