/** The panel and the reference of the Node entry in a real browser, with each configuration. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { version } from '../../src/config/build.ts';
import { createNodeAssets } from '../../src/node/static-files.ts';
import { executablePath, findBarriers, launchBrowser, openPage, viewports } from '../support/browser.ts';
import { run } from '../support/gateway-node.ts';
import type { GatewayOptions } from '../support/harness.ts';
import { createJwtIssuer } from '../support/jwt-issuer.ts';
import { assetsDirectory } from '../support/panel-gateway.ts';
import { hearFirst } from '../support/panel-page.ts';

const timeout = 60_000;
const TOKEN_KEYS = btoa('a key for tests, 32 bytes long..');

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

  async function start(options: Pick<GatewayOptions, 'env' | 'fetch'> = {}) {
    if (!assets) throw new Error('the panel is not built: npm run build:ui');
    const gateway = await run({ ...options, assets });
    const { url: origin } = await gateway.fetch('/panel');
    return { ...gateway, origin: new URL(origin).origin };
  }

  test.each([
    ['passed on', '/recordings-api'],
    ['stripped', ''],
  ])('below a path that a proxy has %s, the panel plays and the reference sends', async (_, passedOn) => {
    const proxy = createServer((incoming, outgoing) => {
      const path = incoming.url?.replace(/^\/recordings-api(?=\/)/, passedOn) ?? '/';
      const { method, headers } = incoming;
      const forwarded = request(`${target}${path}`, { method, headers }, (response) => {
        outgoing.writeHead(response.statusCode ?? 0, response.headers);
        response.pipe(outgoing);
      });
      incoming.pipe(forwarded);
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void proxy.close());
    await once(proxy, 'listening');
    const origin = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const base = `${origin}/recordings-api`;
    const env = { PUBLIC_URL: base, PANEL_DEMO_KEYS: 'foofoofoo:foobarfoo', TOKEN_KEYS };
    const gateway = await start({ env });
    const target = gateway.origin;
    const { page, faults } = await openPage(context, origin);
    const strays: string[] = [];
    page.on('request', (asked) => {
      if (/^http/.test(asked.url()) && !asked.url().startsWith(`${base}/`)) strays.push(asked.url());
    });
    await page.goto(`${base}/`);
    await page.waitForURL(`${base}/panel*`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await hearFirst(page);
    await page.getByRole('link', { name: 'API reference' }).click();
    await page.getByRole('heading', { name: 'Recordings gateway' }).waitFor();
    await page.goto(`${base}/docs#tag/service/GET/health`);
    const opener = page.getByRole('button', { name: /Test Request.*health/i }).first();
    await opener.click();
    const answered = page.waitForResponse(`${base}/health`);
    await page.getByRole('button', { name: /^Send/ }).first().click();
    expect(await (await answered).json()).toMatchObject({ status: 'ok', version: expect.any(String) });
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Open the test panel' }).click();
    await page.waitForURL(`${base}/panel`);
    expect([strays, faults]).toEqual([[], []]);
    await gateway.close();
  });

  test('without tokens the panel keeps the keys, loads audio through the page, and says both', async () => {
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
    expect(await page.getByRole('link', { name: 'Exports' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Export' }).count()).toBe(0);
    await page.getByLabel('ID').fill('1234');
    await page.getByRole('button', { name: 'Show' }).click();
    await hearFirst(page);
    await page
      .getByRole('button', { name: /^Copy link/ })
      .first()
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Copy link' }).click();
    await page
      .getByRole('alert')
      .getByText('This gateway issues no tokens and no audio links')
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Upload' }).click();
    await page.getByText('An address').waitFor();
    expect(faults).toEqual([]);
    await gateway.close();
  });

  test('a token of an identity provider plays and saves without audio links', async () => {
    const issuer = await createJwtIssuer();
    const gateway = await start({ env: issuer.env, fetch: issuer.fetch });
    const { page, faults } = await openPage(context, gateway.origin);
    await page.goto(`${gateway.origin}/panel?type=findme&id=1234`);
    await page.getByRole('radio', { name: 'A token' }).check({ force: true });
    await page.getByLabel('Access token').fill(await issuer.sign());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await hearFirst(page);
    await page
      .getByRole('button', { name: /^Download call/ })
      .first()
      .click();
    const saved = page.waitForEvent('download');
    await page.getByRole('dialog').getByRole('button', { name: 'Download' }).click();
    expect((await saved).suggestedFilename()).toBe('0932654521723728.mp3');
    expect(faults).toEqual([]);
    await gateway.close();
  });

  test('with a remote legacy service the panel warns of live data, in both themes', async () => {
    const gateway = await start({ env: { LEGACY_API_URL: 'https://legacy.example/ibp_api.php' } });
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

  test('the reference shows the served document, contacts no other host, and sends working requests', async () => {
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
    expect(await (await answered).json()).toEqual({
      status: 'ok',
      version,
      commit: null,
    });
    await page.keyboard.press('Escape');

    // With keys typed into it.
    await page.goto(`${gateway.origin}/docs#tag/recordings/GET/recordings`);
    await page
      .getByRole('button', { name: /Test Request.*get.*recordings/i })
      .first()
      .click();
    const client = page.getByRole('dialog');
    await client.getByRole('combobox').first().fill('foofoofoo');
    await client.getByRole('textbox', { name: 'Password' }).fill('foobarfoo');
    const listed = page.waitForResponse((response) =>
      response.url().startsWith(`${gateway.origin}/recordings?`),
    );
    await client.getByRole('button', { name: /^Send/ }).first().click();
    expect((await (await listed).json()).recordings).toHaveLength(2);
    expect(faults).toEqual([]);
    await gateway.close();
  });

  test('with an emulator the reference has its keys, and its text is legible in both themes', async () => {
    const gateway = await start({ env: { PANEL_DEMO_KEYS: 'foofoofoo:foobarfoo' } });
    const { page, faults } = await openPage(context, gateway.origin);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${gateway.origin}/docs?${colorScheme}#tag/recordings/GET/recordings`);
      const opener = page.getByRole('button', { name: /Test Request.*get.*recordings/i }).first();
      await opener.waitFor();
      // Names and roles of its controls are Scalar's own.
      const barriers = await findBarriers(page);
      expect(barriers.filter((barrier) => barrier.startsWith('color-contrast'))).toEqual([]);
      await opener.click();
      const listed = page.waitForResponse((response) => response.url().includes('/recordings?'));
      await page.getByRole('dialog').getByRole('button', { name: /^Send/ }).first().click();
      expect((await listed).status()).toBe(200);
    }
    expect(faults).toEqual([]);
    await gateway.close();
  });
});
