/** The panel and the reference as the Node entry serves them, in a real browser, with what differs by configuration. */
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createNodeAssets } from '../../src/ui-node.ts';
import { executablePath, findBarriers, launchBrowser, openPage, viewports } from './browser.ts';
import { run } from './gateway-node.ts';
import { assetsDirectory } from './panel-gateway.ts';

const timeout = 60_000;

describe.skipIf(!executablePath)('on Node', { timeout }, () => {
  let browser: Browser;
  let context: BrowserContext;
  beforeAll(async () => {
    browser = await launchBrowser();
  }, timeout);
  afterAll(() => browser.close());
  beforeEach(async () => {
    context = await browser.newContext({ ...viewports.desktop, locale: 'en-US', acceptDownloads: true });
    context.setDefaultTimeout(15_000);
  });
  afterEach(() => context.close());

  const assets = createNodeAssets(assetsDirectory);

  async function start(env: Readonly<Record<string, string>> = {}) {
    if (!assets) throw new Error('the panel is not built: npm run build:ui');
    const gateway = await run({ env, assets });
    const { url: origin } = await gateway.fetch('/panel');
    return { ...gateway, origin: new URL(origin).origin };
  }

  test('without tokens the keys serve by themselves, audio comes through the page, and both are said', async () => {
    const gateway = await start();
    const { page, faults } = await openPage(context, gateway.origin);
    await page.goto(gateway.origin);
    await page.getByText('the keys stay in this page’s memory until you leave it').waitFor();
    expect(await page.getByLabel('Access key', { exact: true }).inputValue()).toBe('');
    await page.getByLabel('Access key', { exact: true }).fill('foofoofoo');
    await page.getByLabel('Secret access key').fill('foobarfoo');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Whose recordings?').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.getByLabel('ID').fill('1234');
    await page.getByRole('button', { name: 'Show' }).click();
    await page
      .getByRole('button', { name: /^Play call/ })
      .first()
      .click();
    const heard = () => page.evaluate(() => document.querySelector('audio')?.currentTime ?? 0);
    await expect.poll(heard, { timeout: 10_000 }).toBeGreaterThan(0.2);
    await page
      .getByRole('button', { name: /^Copy link/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Copy link' }).last().click();
    await page.getByRole('alert').getByText('The gateway issues neither tokens nor audio links').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Upload' }).click();
    await page.getByText('An address').waitFor();
    expect(faults).toEqual([]);
    await gateway.close();
  });

  test('in front of anything but this machine the panel warns of live data, in both themes', async () => {
    const gateway = await start({ LEGACY_API_URL: 'https://legacy.example/ibp_api.php' });
    const { page, faults } = await openPage(context, gateway.origin);
    await page.goto(`${gateway.origin}/panel`);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.getByText('What you upload or delete here is a customer’s.').waitFor();
      expect(await findBarriers(page)).toEqual([]);
    }
    expect(faults).toEqual([]);
    await gateway.close();
  });

  test('the reference shows the served document, asks nobody else, and sends working requests', async () => {
    const gateway = await start();
    const { page, faults } = await openPage(context, gateway.origin);
    await page.goto(`${gateway.origin}/docs#tag/service/GET/health`);
    await page.getByRole('heading', { name: 'Recordings gateway' }).waitFor();
    await page
      .getByRole('button', { name: /Test Request.*health/i })
      .first()
      .click();
    const answered = page.waitForResponse(`${gateway.origin}/health`);
    await page.getByRole('button', { name: /^Send/ }).first().click();
    expect(await (await answered).json()).toEqual({ status: 'ok' });
    expect(faults).toEqual([]);
    await gateway.close();
  });
});
