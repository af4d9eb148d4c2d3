/** The gateway's description of itself for the panel: `/panel/config.json`. */
import type { PanelConfig } from '../config/ui.ts';

export type { PanelConfig };

export async function loadConfig(): Promise<PanelConfig> {
  const response = await fetch('panel/config.json', { credentials: 'omit', cache: 'no-store' });
  if (!response.ok) throw new Error(`config.json responded with ${response.status}`);
  return response.json();
}
