/** The panel in a browser, reloaded for each test of a group; a test fails if the page reports an error. */
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { launchBrowser, openPage, type WatchedPage } from './browser.ts';
import { type PanelGateway, startPanelGateway } from './panel-gateway.ts';

export const timeout = 60_000;

export interface PanelPage {
  readonly gateway: PanelGateway;
  readonly context: BrowserContext;
  readonly page: Page;
  button(name: string | RegExp): Locator;
  rows(): Locator;
  /** `query` is that of the panel's address. */
  signIn(query?: string): Promise<void>;
  signInWithToken(token: string): Promise<void>;
  /** The player's position in seconds. */
  heard(): Promise<number>;
}

export function usePanel(device: BrowserContextOptions): PanelPage {
  let gateway: PanelGateway;
  let browser: Browser;
  let context: BrowserContext;
  let watched: WatchedPage;

  beforeAll(async () => {
    [gateway, browser] = await Promise.all([startPanelGateway(), launchBrowser()]);
  }, timeout);
  afterAll(async () => {
    await browser.close();
    await gateway.close();
  });
  beforeEach(async () => {
    gateway.emulator.reset();
    context = await browser.newContext({ ...device, locale: 'en-US', acceptDownloads: true });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: gateway.url });
    context.setDefaultTimeout(30_000);
    watched = await openPage(context, gateway.url);
  });
  afterEach(async () => {
    await context.close();
    expect(watched.faults).toEqual([]);
  });

  const page = () => watched.page;
  const button = (name: string | RegExp) => page().getByRole('button', { name });
  return {
    get gateway() {
      return gateway;
    },
    get context() {
      return context;
    },
    get page() {
      return page();
    },
    button,
    rows: () => page().locator('tbody tr'),
    async signIn(query = '') {
      await page().goto(`${gateway.url}/panel${query}`);
      await button('Sign in').click();
      await page().getByRole('heading', { name: 'Recordings', exact: true }).waitFor();
    },
    async signInWithToken(token) {
      await page().goto(`${gateway.url}/panel`);
      await page().getByRole('radio', { name: 'A token' }).check({ force: true });
      await page().getByLabel('Access token').fill(token);
      await button('Sign in').click();
    },
    heard: () => heard(page()),
  };
}

/** The position of the page's player in seconds. */
function heard(page: Page): Promise<number> {
  return page.evaluate(() => document.querySelector('audio')?.currentTime ?? 0);
}

/** Plays the first listed recording; resolves when it is heard. */
export async function hearFirst(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: /^Play call/ })
    .first()
    .click();
  await expect.poll(() => heard(page), { timeout: 30_000 }).toBeGreaterThan(0.2);
}
