/** `npm start` for a new user: the printed address, opened in a browser. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executablePath, launchBrowser, openPage, viewports } from '../support/browser.ts';
import { hearFirst } from '../support/panel-page.ts';

const root = new URL('../..', import.meta.url).pathname;
const timeout = 90_000;

describe.skipIf(!executablePath)('the address that npm start prints', { timeout }, () => {
  let started: ChildProcess;
  let browser: Browser;
  let address: string;

  beforeAll(async () => {
    started = spawn(process.execPath, ['test/scripts/start.ts'], {
      cwd: root,
      env: { ...process.env, PORT: '0', PATH: `${root}node_modules/.bin:${process.env.PATH}` },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    [address, browser] = await Promise.all([printedAddress(started), launchBrowser()]);
  }, timeout);
  afterAll(async () => {
    await browser?.close();
    const ended = once(started, 'exit');
    if (started.exitCode === null && started.kill('SIGTERM')) await ended;
  }, timeout);

  test.each(['desktop', 'phone'] as const)('plays a recording in two clicks on a %s', async (device) => {
    const context = await browser.newContext({ ...viewports[device], locale: 'en-US' });
    const { page, faults } = await openPage(context, address);
    await page.goto(address);
    await page.getByText('Nothing here is real').waitFor();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await hearFirst(page);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('shows an export in progress in three clicks, and its end', async () => {
    const context = await browser.newContext({ ...viewports.desktop, locale: 'en-US' });
    const { page, faults } = await openPage(context, address);
    await page.goto(address);
    for (const name of ['Sign in', 'Export', 'Start export']) {
      await page.getByRole('button', { name, exact: true }).click();
    }
    await page.getByRole('heading', { level: 1, name: 'Exports' }).waitFor();
    const newest = page.locator('article.export').first();
    await newest.getByRole('progressbar').waitFor();
    const ended = newest.locator('.badge', { hasText: /^Completed/ });
    await ended.waitFor({ timeout: 60_000 });
    await newest.getByText(/^\d+ of \d+ recordings/).waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });
});

async function printedAddress({ stdout }: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of stdout ?? []) {
    text += chunk;
    const address = /gateway is running:\s+(http:\S+)/.exec(text)?.[1];
    if (address) return address;
  }
  throw new Error(`npm start ended without an address:\n${text}`);
}
