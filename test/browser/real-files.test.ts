/** Chromium sends its own forms, and plays WAVs as real recorders write them, through the gateway on Node. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEmulator } from '../emulator/emulator.ts';
import { type EmulatorServer, serveEmulator } from '../emulator/server.ts';
import { executablePath, launchBrowser } from '../support/browser.ts';
import { findFreePort } from '../support/free-port.ts';
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts';
import { basic } from '../support/harness.ts';
import { playedWavs, wavOf } from '../support/wav-files.ts';

/** Another site's page with a form and a player; its query names where the form goes. */
const site = createServer((request, response) => {
  const action = new URL(request.url ?? '/', 'http://site.example').searchParams.get('action') ?? '';
  response.setHeader('Content-Type', 'text/html');
  response.end(
    `<!doctype html><title>Page</title><form method="post" enctype="multipart/form-data" action="${action}"><input name="note"><input type="file" name="file"><input type="file" name="other"><button>Send</button></form><audio></audio>`,
  );
});
/** Sends the WAV whose index is the sid, in chunks. */
const recorders = createServer(async (request, response) => {
  const sid = Number(new URLSearchParams(await text(request)).get('sid'));
  const sound = sid === uploadedSid ? uploaded : playedWavs[sid]?.bytes;
  if (sound) {
    response.write(sound);
    response.end();
    return;
  }
  response.writeHead(404, { 'Content-Type': 'text/xml' });
  response.end(
    '<response><result>failed</result><result_description>File not found</result_description></response>',
  );
});
/** Under this sid, the recorders have the last upload. */
const uploadedSid = 1000;
let uploaded: Uint8Array | undefined;
const emulator = createEmulator();
const TOKEN_KEYS = btoa('a key for tests, 32 bytes long..');
let browser: Browser;
let page: Page;
let legacy: EmulatorServer;
let uploads: GatewayProcess;
let player: GatewayProcess;
let folder: string;

async function listen(server: typeof site): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Plays a recording by a link in the page of the other site. Returns the seconds heard. */
async function play(sid: number): Promise<number> {
  const link = await fetch(`${player.url}/recordings/${sid}/audio-links`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa('some-key:some-secret')}` },
  });
  const { url } = await link.json();
  return await page.evaluate(async (src) => {
    const audio = document.querySelector('audio') as HTMLAudioElement;
    audio.muted = true;
    audio.src = src;
    await audio.play();
    return await new Promise<number>((resolve, reject) => {
      audio.onerror = () => reject(new Error(audio.error?.message));
      audio.ontimeupdate = () => audio.currentTime > 0.2 && resolve(audio.currentTime);
    });
  }, new URL(url, player.url).href);
}

/** A page of the origin whose form goes to the gateway, in a browser whose user enters keys when asked. */
async function openForm(origin: string): Promise<{ readonly page: Page; close(): Promise<void> }> {
  const { accessKey, secretAccessKey } = emulator.account('page');
  const httpCredentials = { username: accessKey, password: secretAccessKey };
  const context = await browser.newContext({ httpCredentials });
  const own = await context.newPage();
  const action = encodeURIComponent(`${uploads.url}/uploads/audio?type=findme&amp;id=1234`);
  await own.goto(`${origin}/?action=${action}`);
  return { page: own, close: () => context.close() };
}

describe.skipIf(!executablePath)('Chromium', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chromium-'));
    const origin = await listen(site);
    const port = String(await findFreePort());
    const publicUrl = `http://127.0.0.1:${port}`;
    legacy = await serveEmulator(emulator);
    uploads = await startProcess({
      PORT: port,
      PUBLIC_URL: publicUrl,
      LEGACY_API_URL: legacy.url,
      CORS_ORIGINS: origin,
      TOKEN_KEYS,
      STORE: `file:${join(folder, 'store')}`,
    });
    player = await startProcess({ LEGACY_API_URL: `${await listen(recorders)}/ibp_api.php`, TOKEN_KEYS });
    browser = await launchBrowser();
    page = await browser.newPage();
    await page.goto(origin);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    for (const gateway of [uploads, player]) await gateway?.stop('SIGKILL');
    await legacy?.close();
    for (const server of [site, recorders]) server.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each([
    ['通話 “1”.wav', 'audio/wav'],
    ['cafe\u0301 "x";\u202f.wav', 'audio/x-wav'],
    ['recording', ''],
    ['recording.bin', 'application/octet-stream'],
  ])('sends a form with the file %s of type %j and an empty second file input', async (name, mimeType) => {
    emulator.reset();
    const sound = Buffer.from(wavOf());
    await page.fill('[name=note]', 'a note — with a dash');
    await page.setInputFiles('[name=file]', { name, mimeType, buffer: sound });
    const status = await page.evaluate(
      async ({ url, headers }) => {
        const body = new FormData(document.querySelector('form') as HTMLFormElement);
        return (await fetch(url, { method: 'POST', headers, body })).status;
      },
      { url: `${uploads.url}/uploads/audio?type=findme&id=1234`, headers: basic(emulator) },
    );
    expect(status).toBe(201);
    const [upload] = emulator.account('page').uploads;
    expect(Buffer.compare(Buffer.from(upload?.content?.bytes ?? []), sound)).toBe(0);
  });

  test.each(['通話 "1".wav', 'it’s “quoted”.wav'])(
    'submits a form by itself with the file %s, and plays what arrived',
    async (name) => {
      emulator.reset();
      const sound = Buffer.from(wavOf());
      const { page: own, close } = await openForm(new URL(page.url()).origin);
      await own.fill('[name=note]', 'メモ');
      await own.setInputFiles('[name=file]', { name, mimeType: 'audio/wav', buffer: sound });
      const submitted = own.waitForResponse((response) => response.status() !== 401);
      await own.click('button');
      expect((await submitted).status()).toBe(201);
      await close();
      const [upload] = emulator.account('page').uploads;
      uploaded = upload?.content?.bytes ?? undefined;
      expect(Buffer.compare(Buffer.from(uploaded ?? []), sound)).toBe(0);
      expect(await play(uploadedSid)).toBeGreaterThan(0.2);
    },
  );

  test('submits no form from a site that CORS_ORIGINS does not list', async () => {
    emulator.reset();
    const stranger = createServer((request, response) => site.emit('request', request, response));
    const { page: own, close } = await openForm(await listen(stranger));
    await own.setInputFiles('[name=file]', {
      name: 'a.wav',
      mimeType: 'audio/wav',
      buffer: Buffer.from(wavOf()),
    });
    const submitted = own.waitForResponse((response) => response.status() !== 401);
    await own.click('button');
    const response = await submitted;
    expect([response.status(), (await response.json()).type]).toEqual([403, '/problems/cross-site-form']);
    await close();
    stranger.close();
    expect(emulator.account('page').uploads).toEqual([]);
  });

  test.each(
    playedWavs.map(({ name }, index) => ({ name, index })).filter(({ name }) => !name.includes('counts')),
  )('plays a WAV with $name', async ({ index }) => {
    expect(await play(index)).toBeGreaterThan(0.2);
  });
});
