/** Takes the pictures of docs/exports.md: `node test/scripts/export-screenshots.ts`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { createEmulator } from '../emulator/emulator.ts';
import { exportable } from '../emulator/seeds.ts';
import { serveEmulator } from '../emulator/server.ts';
import { launchBrowser } from '../support/browser.ts';
import { startProcess } from '../support/gateway-process.ts';

const emulator = createEmulator();
const { accessKey, secretAccessKey } = emulator.account('page');
const legacy = await serveEmulator(emulator);
const directory = await mkdtemp(join(tmpdir(), 'screenshots-'));
const gateway = await startProcess({
  LEGACY_API_URL: legacy.url,
  TOKEN_KEYS: btoa('a key for tests, 32 bytes long..'),
  PANEL_DEMO_KEYS: `${accessKey}:${secretAccessKey}`,
  STORE: `file:${directory}`,
  EXPORT_RETRY_SECONDS: '1',
});
const browser = await launchBrowser();
try {
  const context = await browser.newContext({
    viewport: { width: 800, height: 620 },
    colorScheme: 'light',
    locale: 'en-US',
  });
  const page = await context.newPage();
  const shoot = async (name: string) => {
    await page.mouse.move(2, 400);
    const path = fileURLToPath(new URL(`../../src/panel/screenshots/export-${name}.png`, import.meta.url));
    // Flat colours fit into a palette, which saves two thirds of the bytes.
    await sharp(await page.screenshot())
      .png({ palette: true, colours: 64, effort: 10 })
      .toFile(path);
  };
  const start = async (id: string) => {
    await page.goto(`${gateway.url}/panel?type=${id === '1234' ? 'queue' : exportable.type}&id=${id}`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('button', { name: 'Start export' }).click();
  };
  await start(exportable.id);
  await page.getByText(/recordings\/s/).waitFor();
  await page.waitForTimeout(12_000);
  await shoot('running');
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused', { exact: true }).waitFor();
  await start('1234');
  await page.getByText('Completed with failures', { exact: true }).waitFor({ timeout: 240_000 });
  await page.getByText(/recordings? failed$/).click();
  await shoot('ended');
} finally {
  await browser.close();
  await gateway.stop('SIGTERM');
  await legacy.close();
  await rm(directory, { recursive: true, force: true });
}
