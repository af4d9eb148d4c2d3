/** Takes the pictures of docs/panel.md: `node test/scripts/screenshots.ts`. */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { launchBrowser, viewports } from '../support/browser.ts';
import { startPanelGateway } from '../support/panel-gateway.ts';

/** Calls of one morning: number connected, time, and minutes. */
const calls = [
  ['3125551265', '09:02:11', '5.3'],
  ['7735550142', '09:14:47', '0.2'],
  ['8475550188', '09:31:05', '12.1'],
  ['6305550117', '10:06:52', '3.8'],
  ['3125550163', '10:20:30', '27.4'],
  ['2245550171', '11:45:09', '1.6'],
] as const;

const [gateway, browser] = await Promise.all([startPanelGateway(), launchBrowser()]);
const account = gateway.emulator.account('page');
for (const [index, [number, time, minutes]] of calls.entries()) {
  account.add('queue', '7', {
    sid: `093265452172${3728 + 97 * index}`,
    number_connected: number,
    date: `2019-02-20 ${time}`,
    minutes,
  });
}
try {
  for (const device of ['desktop', 'phone'] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ ...viewports[device], colorScheme, locale: 'en-US' });
      const page = await context.newPage();
      await page.goto(`${gateway.url}/panel?type=queue&id=7`);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('button', { name: /^Play call with .*0142/ }).click();
      await page.getByRole('button', { name: 'Pause' }).click();
      const position = page.getByLabel('Position');
      await position.fill(String(Math.floor(Number(await position.getAttribute('max')) * 0.4)));
      if (device === 'desktop') await page.locator('.log summary', { hasText: '/recordings?' }).click();
      await page.mouse.move(2, 400);
      await page.waitForTimeout(1500);
      const path = fileURLToPath(
        new URL(`../../src/panel/screenshots/${device}-${colorScheme}.png`, import.meta.url),
      );
      // Flat colours fit into a palette, which saves two thirds of the bytes.
      await sharp(await page.screenshot())
        .png({ palette: true, colours: 96, effort: 10 })
        .toFile(path);
      await context.close();
    }
  }
} finally {
  await browser.close();
  await gateway.close();
}
