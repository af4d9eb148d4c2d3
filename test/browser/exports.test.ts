/**
 * Exports in the panel, with a Node process and a folder store: start, progress, actions, and deletion of the
 * originals.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createEmulator } from '../emulator/emulator.ts';
import { serveEmulator } from '../emulator/server.ts';
import {
  executablePath,
  findBarriers,
  launchBrowser,
  openPage,
  viewports,
  type WatchedPage,
} from '../support/browser.ts';
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts';

const timeout = 60_000;

describe.skipIf(!executablePath)('exports in the panel', { timeout }, () => {
  const emulator = createEmulator();
  const account = emulator.account('page');
  let legacy: Awaited<ReturnType<typeof serveEmulator>>;
  let directory: string;
  let gateway: GatewayProcess;
  let browser: Browser;
  let context: BrowserContext;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    legacy = await serveEmulator(emulator);
    directory = await mkdtemp(join(tmpdir(), 'panel-exports-'));
    [gateway, browser] = await Promise.all([
      startProcess({
        LEGACY_API_URL: legacy.url,
        LEGACY_TIME_ZONE: 'America/Chicago',
        TOKEN_KEYS: btoa('a key for tests, 32 bytes long..'),
        PANEL_DEMO_KEYS: `${account.accessKey}:${account.secretAccessKey}`,
        STORE: `file:${directory}`,
        EXPORT_RETRY_SECONDS: '1',
      }),
      launchBrowser(),
    ]);
  }, timeout);
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop('SIGTERM');
    await legacy?.close();
    await rm(directory, { recursive: true, force: true });
  }, timeout);
  beforeEach(async () => {
    emulator.reset();
    context = await browser.newContext({ ...viewports.desktop, locale: 'en-US', acceptDownloads: true });
    context.setDefaultTimeout(30_000);
    watched = await openPage(context, gateway.url);
    page = watched.page;
  });
  afterEach(async () => {
    await context.close();
    expect(watched.faults).toEqual([]);
  });

  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const newest = () => page.locator('article.export').first();
  const status = (text: string) =>
    newest()
      .locator('.badge', { hasText: new RegExp(`^${text}$`) })
      .waitFor();

  function fill(id: string, count: number): void {
    for (let index = 0; index < count; index += 1) {
      account.add('queue', id, { sid: `${id}${String(index).padStart(6, '0')}`, seconds: 1 });
    }
  }

  async function open(query: string): Promise<void> {
    await page.goto(`${gateway.url}/panel${query}`);
    await button('Sign in').click();
    await page.getByRole('heading', { level: 1, name: /^(?:Recordings|Exports)$/ }).waitFor();
  }

  /** The dialog starts with the list on screen. */
  async function start(perMinute = '60000'): Promise<void> {
    await button('Export').click();
    await page.getByLabel('Downloads per minute').fill(perMinute);
    await button('Start export').click();
    await page.getByRole('heading', { level: 1, name: 'Exports' }).waitFor();
  }

  test('an export is started in three clicks, followed to its end, and its manifests are saved', async () => {
    fill('71', 30);
    await page.goto(`${gateway.url}/panel?type=queue&id=71`);
    await button('Sign in').click();
    await button('Export').click();
    expect(await findBarriers(page)).toEqual([]);
    await button('Start export').click();
    await newest().getByRole('heading', { name: 'queue 71' }).waitFor();
    await status('Completed');
    await newest()
      .getByText(/^30 of 30 recordings, 481 kB$/)
      .waitFor();
    expect(await findBarriers(page)).toEqual([]);
    for (const [format, lines] of [
      ['CSV', 31],
      ['NDJSON', 30],
    ] as const) {
      const saved = page.waitForEvent('download');
      await newest()
        .getByRole('button', { name: `Manifest ${format}` })
        .click();
      const download = await saved;
      expect(download.suggestedFilename()).toBe(`manifest.${format.toLowerCase()}`);
      const text = await readFile(await download.path(), 'utf8');
      expect(text.trimEnd().split('\n')).toHaveLength(lines);
    }
  });

  test('progress and rate arrive by events; pause, resume and cancel are announced', async () => {
    fill('72', 600);
    await open('?type=queue&id=72');
    const streams: string[] = [];
    page.on('response', (response) => {
      const type = response.headers()['content-type'] ?? '';
      if (type.startsWith('text/event-stream'))
        streams.push(response.request().headers().authorization ?? '');
    });
    await start('600');
    await newest()
      .getByText(/recordings\/s · .*\/s · (?:less than a minute|a minute|\d+ minutes) left$/)
      .waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(streams[0]).toMatch(/^Bearer ./);
    await newest().getByRole('button', { name: 'Pause' }).click();
    await status('Paused');
    await page.getByRole('status').getByText('Export of queue 72: paused.').waitFor();
    await newest().getByRole('button', { name: 'Resume' }).click();
    await status('Running');
    await newest().getByRole('button', { name: 'Cancel' }).click();
    await button('Cancel the export').click();
    await status('Canceled');
  });

  test('failures are listed with their problem, and a retry copies them', async () => {
    fill('73', 4);
    await open('?type=queue&id=73');
    emulator.fault({ name: 'failed-without-status', action: 'recording.download', times: 1 });
    await start();
    await status('Completed with failures');
    await newest().getByText('1 recording failed').click();
    await newest()
      .getByText(/^730000/)
      .waitFor();
    await newest().getByRole('link', { name: 'invalid-request' }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await newest().getByRole('button', { name: 'Retry failures' }).click();
    await status('Completed');
    await newest()
      .getByText(/^4 of 4 recordings/)
      .waitFor();
  });

  test('originals are deleted only after the typed confirmation', async () => {
    fill('74', 5);
    await open('?type=queue&id=74');
    await start();
    await status('Completed');
    await newest().getByRole('button', { name: 'Delete originals' }).click();
    const dialog = page.getByRole('dialog');
    const confirm = dialog.getByRole('button', { name: 'Delete originals' });
    await dialog.getByLabel(/to confirm/).fill('delete 4');
    expect(await confirm.isDisabled()).toBe(true);
    expect(await findBarriers(page)).toEqual([]);
    await dialog.getByLabel(/to confirm/).fill('delete 5');
    await confirm.click();
    await status('Originals deleted');
    await newest().getByText('5 originals deleted.').waitFor();
    expect(account.records('queue', '74')).toBeNull();
  });

  test('several sources are chosen by keyboard, and an invalid one is explained', async () => {
    fill('75', 2);
    fill('76', 3);
    await open('?view=exports');
    await button('New export').focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Type').selectOption('queue');
    await dialog.getByLabel('ID').fill('75');
    await dialog.getByRole('button', { name: 'Add a source' }).press('Enter');
    await dialog.getByLabel('ID').nth(1).fill('75');
    await dialog.getByLabel('ID').nth(1).press('Enter');
    await dialog.getByRole('alert').getByText('must not have a source twice').waitFor();
    await dialog.getByLabel('ID').nth(1).fill('76');
    await dialog.getByRole('button', { name: 'Start export' }).press('Enter');
    await newest().getByRole('heading', { name: 'queue 75 and 1 more' }).waitFor();
    await status('Completed');
    await newest()
      .getByText(/^5 of 5 recordings/)
      .waitFor();
  });

  test('an export stays visible while its events are delayed, and after a broken connection', async () => {
    fill('77', 80);
    await page.route('**/events', (route) => route.abort());
    await open('?type=queue&id=77');
    await start('600');
    await expect
      .poll(() => newest().locator('progress').getAttribute('value'), { timeout: 20_000 })
      .not.toBe('0');
    await page.unroute('**/events');
    await status('Completed');
    // The browser reports the connections that the test broke.
    const broken = watched.faults.filter((fault) => !fault.includes('net::ERR_FAILED'));
    (watched.faults as string[]).splice(0, watched.faults.length, ...broken);
  });

  test('nothing is cut off at 320 pixels', async () => {
    await page.setViewportSize({ width: 320, height: 800 });
    await open('?view=exports');
    await newest().waitFor();
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await overflow()).toBe(0);
    expect(await findBarriers(page)).toEqual([]);
    await button('New export').click();
    await page.getByRole('button', { name: 'Add a source' }).click();
    expect(await overflow()).toBe(0);
    expect(await findBarriers(page)).toEqual([]);
  });

  test('a user whose token lacks the scopes learns which one is missing', async () => {
    const response = await fetch(`${gateway.url}/oauth/token`, {
      method: 'POST',
      headers: {
        Authorization: `Basic ${btoa(`${account.accessKey}:${account.secretAccessKey}`)}`,
        'Content-Type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials&scope=recordings:read',
    });
    const { access_token } = (await response.json()) as { access_token: string };
    await page.goto(`${gateway.url}/panel?type=findme&id=1234`);
    await page.getByRole('radio', { name: 'A token' }).check({ force: true });
    await page.getByLabel('Access token').fill(access_token);
    await button('Sign in').click();
    await button('Export').click();
    await button('Start export').click();
    await page.getByRole('dialog').getByRole('alert').getByText('exports:write').first().waitFor();
    await page.keyboard.press('Escape');
    await button('Export').click({ force: true });
    await page.getByRole('status').getByText('your token lacks the scope exports:write').waitFor();
    await page.getByRole('link', { name: 'Exports' }).click();
    await page.getByRole('alert').getByText('exports:read').first().waitFor();
  });
});
