/** A real browser plays a recording by its link, seeks to near the end, and plays on. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEmulator } from '../emulator/emulator.ts';
import { sids } from '../emulator/seeds.ts';
import { type EmulatorServer, serveEmulator } from '../emulator/server.ts';
import { executablePath, launchBrowser } from '../support/browser.ts';
import { startProcess } from '../support/gateway-process.ts';
import { basic } from '../support/harness.ts';
import { type R2Server, serveR2 } from '../support/r2-server.ts';
import { startWorkerd } from '../support/workerd.ts';

const emulator = createEmulator();
const gateways: Record<string, { readonly url: string; close(): Promise<void> }> = {};
/** A page of another site with the player. */
const site = createServer((_request, response) => {
  response.setHeader('Content-Type', 'text/html');
  response.end('<!doctype html><title>Player</title><audio controls></audio>');
});
let browser: Browser;
let legacy: EmulatorServer;
let store: R2Server;

describe.skipIf(!executablePath)('an audio element', () => {
  beforeAll(async () => {
    legacy = await serveEmulator(emulator);
    store = await serveR2();
    const vars = { LEGACY_API_URL: legacy.url, TOKEN_KEYS: btoa('a key for tests, 32 bytes long..') };
    const process = await startProcess(vars);
    gateways.Node = { ...process, close: async () => void (await process.stop('SIGKILL')) };
    gateways['plain workerd'] = await startWorkerd({ vars });
    gateways['plain workerd with a store'] = await startWorkerd({ vars, store: store.address });
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    browser = await launchBrowser();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    site.closeAllConnections();
    site.close();
    for (const gateway of Object.values(gateways)) await gateway.close();
    await legacy?.close();
    await store?.close();
  });

  test.each([
    ['wav', 'Node'],
    ['mp3', 'Node'],
    ['wav', 'plain workerd'],
    ['mp3', 'plain workerd'],
    ['wav', 'plain workerd with a store'],
    ['mp3', 'plain workerd with a store'],
  ])(
    'plays an hour of %s, seeks to near its end and plays on, from %s',
    async (format, gateway) => {
      const src = await createLink(gateways[gateway]?.url ?? '', format);
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}`);
      const played = await page.evaluate(async (url) => {
        const audio = document.querySelector('audio') as HTMLAudioElement;
        const reach = (time: number) =>
          new Promise<number>((resolve, reject) => {
            audio.onerror = () => reject(new Error(audio.error?.message));
            audio.ontimeupdate = () => {
              if (audio.currentTime >= time) resolve(audio.currentTime);
            };
          });
        audio.muted = true;
        audio.src = url;
        await audio.play();
        const first = await reach(0.5);
        const { duration } = audio;
        audio.currentTime = duration - 20;
        const second = await reach(duration - 19);
        return { first, duration, second, paused: audio.paused };
      }, src);
      await page.close();
      expect(played.duration).toBeGreaterThan(3590);
      expect(played.duration).toBeLessThan(3610);
      expect(played.first).toBeLessThan(60);
      expect(played.second).toBeGreaterThan(played.duration - 20);
      expect(played.paused).toBe(false);
    },
    60_000,
  );
});

async function createLink(origin: string, format: string): Promise<string> {
  const response = await fetch(`${origin}/recordings/${sids.hour}/audio-links`, {
    method: 'POST',
    headers: { ...basic(emulator), 'Content-Type': 'application/json' },
    body: JSON.stringify({ format }),
  });
  expect(response.status).toBe(201);
  const { url } = (await response.json()) as { url: string };
  return new URL(url, origin).href;
}
