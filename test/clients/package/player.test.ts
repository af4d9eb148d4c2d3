/** The example player in Chromium: lists, waits for processing, plays, and seeks, on the built package. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { createEmulator } from '../../emulator/emulator.ts';
import { serveEmulator } from '../../emulator/server.ts';
import { executablePath, launchBrowser } from '../../support/browser.ts';
import { startProcess } from '../../support/gateway-process.ts';
import { basic } from '../../support/harness.ts';

const root = new URL('../../..', import.meta.url).pathname;

test.skipIf(!executablePath)(
  'the player plays a recording that is still processed at first',
  { timeout: 60_000 },
  async () => {
    const emulator = createEmulator();
    const legacy = await serveEmulator(emulator);
    const TOKEN_KEYS = btoa('a key for tests, 32 bytes long..');
    const gateway = await startProcess({ LEGACY_API_URL: legacy.url, TOKEN_KEYS });
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      const { outputFiles } = await build({
        entryPoints: [join(root, 'clients/typescript/src/index.ts')],
        bundle: true,
        write: false,
        format: 'esm',
      });
      const html = await readFile(join(root, 'docs/examples/package-player.html'), 'utf8');
      await page.route('**/package-player.html', (route) =>
        route.fulfill({ contentType: 'text/html', body: html }),
      );
      await page.route('**/client/index.js', (route) =>
        route.fulfill({ contentType: 'text/javascript', body: outputFiles[0]?.text ?? '' }),
      );
      await page.route('**/recordings-token', async (route) => {
        const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'recordings:read' });
        const response = await fetch(`${gateway.url}/oauth/token`, {
          method: 'POST',
          headers: basic(emulator),
          body,
        });
        const { access_token } = (await response.json()) as { access_token: string };
        await route.fulfill({ json: { token: access_token, expiresAt: Date.now() + 900_000 } });
      });
      const sounds: string[] = [];
      page.on('request', (request) => {
        if (request.url().includes('token=')) sounds.push(request.headers().range ?? '');
      });
      await page.goto(`${gateway.url}/package-player.html`);
      // Of those that the emulator has, this one is processed after two requests.
      await page.getByRole('button', { name: '0907065723240202' }).click();
      await page.getByText('Playing', { exact: true }).waitFor();
      const seek = `(async () => {
      const player = document.querySelector('audio');
      player.pause();
      player.currentTime = player.duration / 2;
      await new Promise((resolve) => { player.onseeked = resolve; });
      return player.currentTime / player.duration;
    })()`;
      expect(await page.evaluate(seek)).toBeCloseTo(0.5, 1);
      expect(sounds.length).toBeGreaterThan(0);
    } finally {
      await browser.close();
      await gateway.stop('SIGTERM');
      await legacy.close();
    }
  },
);
