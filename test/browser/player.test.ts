/** The complete page of docs/players.md, as quoted there, in Chromium on another origin. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { executablePath, launchBrowser } from '../support/browser.ts';
import { basic } from '../support/harness.ts';
import { type PanelGateway, startPanelGateway } from '../support/panel-gateway.ts';
import { wavOf } from '../support/wav-files.ts';

const docs = new URL('../../docs/', import.meta.url);
const [, html = ''] = /^```html\n(.*?)^```$/ms.exec(readFileSync(new URL('players.md', docs), 'utf8')) ?? [];
const hour = 3600;

test('docs/players.md quotes the page unchanged', () => {
  expect(html).toBe(readFileSync(new URL('examples/player.html', docs), 'utf8'));
});

describe.skipIf(!executablePath)('the page', () => {
  let browser: Browser;
  let gateway: PanelGateway;
  let page: Page;
  const faults: string[] = [];
  const site = createServer(async (request, response) => {
    if (request.url !== '/recordings-token') {
      response.setHeader('Content-Type', 'text/html').end(html);
      return;
    }
    const issued = await fetch(`${gateway.url}/oauth/token`, {
      method: 'POST',
      headers: basic(gateway.emulator),
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'recordings:read uploads:write',
        expires_in: '900',
      }),
    });
    const { access_token, expires_in } = await issued.json();
    const token = { gateway: gateway.url, access_token, expires_at: Date.now() + expires_in * 1000 };
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(token));
  });
  const origin = () => `http://127.0.0.1:${(site.address() as AddressInfo).port}`;

  beforeAll(async () => {
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    gateway = await startPanelGateway({ CORS_ORIGINS: origin() });
    browser = await launchBrowser();
  }, 120_000);

  beforeEach(async () => {
    gateway.emulator.reset();
    const account = gateway.emulator.account('page');
    const long = { minutes: '60.00', seconds: hour, date: '2026-11-20 09:00:00' };
    account.add('findme', '1234', { sid: '0940000000000001', ...long });
    account.add('findme', '1234', { sid: '0940000000000002', ...long, asksUntilReady: 1 });
    faults.length = 0;
    page = await browser.newPage();
    page.on('pageerror', (error) => faults.push(String(error)));
    await page.goto(origin());
    await page.getByRole('button', { name: '3600 s' }).first().waitFor();
  });

  afterEach(async () => {
    await page.close();
    expect(faults).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    site.closeAllConnections();
    site.close();
    await gateway?.close();
  });

  const audio = <Value>(read: (element: HTMLAudioElement) => Value) => page.locator('audio').evaluate(read);
  const status = () => page.getByRole('status').textContent();
  const play = (index: number) => page.getByRole('button', { name: '3600 s' }).nth(index).click();
  const seekToEnd = () =>
    audio((element) => {
      element.currentTime = element.duration - 20;
    });
  const position = () => audio(({ currentTime }) => currentTime);

  test('lists, plays, and plays on after a jump to near the end', async () => {
    expect(await page.locator('li').count()).toBe(4);
    await play(0);
    await expect.poll(position).toBeGreaterThan(0.2);
    expect(await audio(({ duration }) => Math.round(duration))).toBe(hour);
    await seekToEnd();
    await expect.poll(position).toBeGreaterThan(hour - 19.5);
  });

  test('waits for a processing recording', async () => {
    await page.route('**/audio?*', async (route) => {
      if (route.request().method() !== 'HEAD') return await route.continue();
      const response = await route.fetch();
      // The gateway sends 15 s.
      await route.fulfill({ response, headers: { ...response.headers(), 'retry-after': '1' } });
    });
    await play(1);
    await expect.poll(status).toBe('The recording is still being processed.');
    await expect.poll(position).toBeGreaterThan(0.2);
    expect(await status()).toBe('');
  });

  test('continues with a new link after the old one expires', async () => {
    const links: string[] = [];
    let isExpired = false;
    await page.route('**/audio-links', async (route) => {
      links.push(route.request().postData() ?? '');
      isExpired = false;
      await route.continue();
    });
    // The gateway's own 403.
    await page.route('**/audio?*', (route) =>
      isExpired ? route.continue({ url: `${route.request().url()}x` }) : route.continue(),
    );
    await play(0);
    await expect.poll(position).toBeGreaterThan(0.2);
    await audio((element) => element.pause());
    isExpired = true;
    await seekToEnd();
    await expect.poll(() => links.length).toBe(2);
    await expect.poll(position).toBeGreaterThan(hour - 19.5);
    expect(links.map((body) => JSON.parse(body))).toEqual(
      Array.from({ length: 2 }, () => ({ format: 'mp3', duration_seconds: hour })),
    );
  });

  test('uploads with progress, and shows why an upload is rejected', async () => {
    const choose = async (mimeType: string) => {
      const file = { name: 'call.wav', mimeType, buffer: Buffer.from(wavOf()) };
      await page.locator('input').setInputFiles(file);
      await page.getByRole('button', { name: 'Upload' }).click();
    };
    await choose('audio/mpeg');
    await expect.poll(status).toBe('The body is audio/wav, and declared as audio/mpeg.');
    const rows = await page.locator('li').count();
    await choose('audio/wav');
    await expect.poll(status).toBe('Uploaded.');
    expect(await page.locator('progress').evaluate((bar) => (bar as HTMLProgressElement).value)).toBe(1);
    await expect.poll(() => page.locator('li').count()).toBe(rows + 1);
  });
});
