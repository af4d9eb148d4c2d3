/** The deployed Worker with its store and files, in front of an emulator in this process, for tests of the panel. */
import { Miniflare } from 'miniflare';
import { createEmulator, type Emulator } from '../emulator/emulator.ts';
import { serveEmulator } from '../emulator/server.ts';
import { findFreePort } from './free-port.ts';
import { bundleWorker } from './workerd.ts';

export interface PanelGateway {
  /** An origin. */
  readonly url: string;
  readonly emulator: Emulator;
  close(): Promise<void>;
}

export const assetsDirectory = new URL('../../dist/ui', import.meta.url).pathname;

/** Configured like `npm start`; `variables` are added. */
export async function startPanelGateway(
  variables: Readonly<Record<string, string>> = {},
): Promise<PanelGateway> {
  const emulator = createEmulator();
  const legacy = await serveEmulator(emulator);
  const { accessKey, secretAccessKey } = emulator.account('page');
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const vars = {
    LEGACY_API_URL: legacy.url,
    LEGACY_TIME_ZONE: 'America/Chicago',
    PUBLIC_URL: url,
    TOKEN_KEYS: btoa('a key for tests, 32 bytes long..'),
    PANEL_DEMO_KEYS: `${accessKey}:${secretAccessKey}`,
    ...variables,
  };
  const texts = Object.entries(vars).map(([name, value]) => [name, { type: 'text', value }] as const);
  const miniflare = new Miniflare({
    cf: false,
    port,
    workers: [
      {
        config: {
          name: 'gateway',
          compatibilityDate: '2026-11-01',
          manifest: {
            mainModule: 'main.js',
            modulesRoot: '/',
            modules: { 'main.js': { type: 'esm', contents: await bundleWorker() } },
          },
          assets: {
            directory: assetsDirectory,
            htmlHandling: 'none',
            runWorkerFirst: true,
            hasUserWorker: true,
          },
          env: {
            ...Object.fromEntries(texts),
            ASSETS: { type: 'assets' },
            STORE: { type: 'r2', name: 'audio-store' },
          },
        },
      },
    ],
    handleStructuredLogs: () => {},
  });
  await miniflare.ready;
  return {
    url,
    emulator,
    async close() {
      await miniflare.dispose();
      await legacy.close();
    },
  };
}
