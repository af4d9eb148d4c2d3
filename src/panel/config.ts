/** What the gateway says about itself to the panel: `/panel/config.json`. */

export interface PanelConfig {
  /** Whether the legacy service behind the gateway is, for all the gateway knows, a real one. */
  readonly live: boolean;
  /** Whether tokens and audio links are to be had. */
  readonly tokens: boolean;
  /** Whether audio itself can be uploaded, and not only its address. */
  readonly byte_uploads: boolean;
  readonly max_upload_bytes: number;
  /** The emulator's keys, on a machine of its own only. */
  readonly demo: { readonly access_key: string; readonly secret_access_key: string } | null;
}

export async function loadConfig(): Promise<PanelConfig> {
  const response = await fetch('/panel/config.json', { credentials: 'omit', cache: 'no-store' });
  if (!response.ok) throw new Error(`config.json was answered with ${response.status}`);
  return response.json();
}
