/** A `PUBLIC_URL` with a path: every link lies below it, and requests work with the path and without it. */
import { describe, expect, it } from 'vitest';
import document from '../../openapi/openapi.json' with { type: 'json' };
import { readConfig } from '../../src/config.ts';
import { basic, startGateway } from '../support/harness.ts';
import { tokenEnv } from '../support/token-client.ts';
import { clearStore, startUploadGateway } from '../support/upload-gateway.ts';
import { wavOf } from '../support/wav-files.ts';

const publicUrl = 'https://example.com/v1/recordings-api';
const env = { ...tokenEnv, PUBLIC_URL: `${publicUrl}/` };
const basePath = '/v1/recordings-api';
const list = '/recordings?type=findme&id=1234';

/** Each asset returns its own path. */
const assets = async ({ url }: Request) => new Response(new URL(url).pathname);

describe.each([
  ['passes the path on', basePath],
  ['strips the path', ''],
])('behind a proxy that %s', (_, prefix) => {
  it('links to audio, to the next page and to problems lie below it', async () => {
    const gateway = await startGateway({ env });
    const headers = basic(gateway.emulator);
    const page = await gateway.fetch(`${prefix}${list}&limit=1`, { headers });
    const { recordings } = await page.json();
    expect(recordings[0].audio_url).toBe(`${basePath}/recordings/${recordings[0].sid}/audio`);
    const [, next = ''] = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('Link') ?? '') ?? [];
    expect(next).toMatch(/^\/v1\/recordings-api\/recordings\?type=findme&id=1234&limit=1&cursor=[\w.-]+$/);
    const rest = await gateway.fetch(`${prefix}${next.slice(basePath.length)}`, { headers });
    expect((await rest.json()).recordings).toHaveLength(1);

    const lines = await gateway.fetch(`${prefix}${list}`, {
      headers: { ...headers, Accept: 'application/x-ndjson' },
    });
    expect((await lines.text()).match(/"audio_url":"[^"]{8}/g)).toEqual([
      '"audio_url":"/v1/reco',
      '"audio_url":"/v1/reco',
    ]);

    const absent = await gateway.fetch(`${prefix}/recordings/0404/audio`, { headers });
    expect([absent.status, await absent.json()]).toEqual([
      404,
      expect.objectContaining({
        type: `${basePath}/problems/recording-not-found`,
        instance: `${basePath}/recordings/0404/audio`,
      }),
    ]);
    const explained = await gateway.fetch(`${prefix}/problems/recording-not-found`);
    expect((await explained.json()).type).toBe(`${basePath}/problems/recording-not-found`);
    expect(gateway.log.at(-1)).toMatchObject({ operation: 'getProblemType' });
  });

  it('an audio link is absolute and opens', async () => {
    const gateway = await startGateway({ env });
    const made = await gateway.fetch(`${prefix}/recordings/0907065723240097/audio-links`, {
      method: 'POST',
      headers: basic(gateway.emulator),
    });
    const { url } = await made.json();
    expect(url).toMatch(/^https:\/\/example\.com\/v1\/recordings-api\/recordings\/0907065723240097\/audio\?/);
    const opened = await gateway.fetch(prefix + url.slice(publicUrl.length));
    expect([opened.status, opened.headers.get('Content-Type')]).toEqual([200, 'audio/wav']);
    await opened.arrayBuffer();
  });

  it('the index, the documents and the pages exist', async () => {
    const gateway = await startGateway({ env, assets });
    const index = await gateway.fetch(`${prefix}/`);
    expect(await index.json()).toEqual({
      openapi: `${basePath}/openapi.json`,
      openapi_3_0: `${basePath}/openapi-3.0.json`,
      health: `${basePath}/health`,
      docs: `${basePath}/docs`,
      panel: `${basePath}/panel`,
    });
    const browser = await gateway.fetch(`${prefix}/`, {
      headers: { Accept: 'text/html' },
      redirect: 'manual',
    });
    expect([browser.status, browser.headers.get('Location')]).toEqual([303, `${basePath}/panel`]);
    for (const name of ['openapi', 'openapi-3.0']) {
      const document = await gateway.fetch(`${prefix}/${name}.json`);
      expect((await document.json()).servers).toEqual([{ url: publicUrl }]);
    }
    const panel = await gateway.fetch(`${prefix}/panel`);
    expect(await panel.text()).toBe('/panel.html');
    expect(panel.headers.get('Content-Security-Policy')).toContain("script-src 'self'");
    expect(await (await gateway.fetch(`${prefix}/assets/panel-1.js`)).text()).toBe('/assets/panel-1.js');
    expect((await gateway.fetch(`${prefix}/panel/config.json`)).status).toBe(200);
    // The pages link relatively, so a trailing slash redirects to the base of their links.
    const slash = await gateway.fetch(`${prefix}/docs/?a=1`, { redirect: 'manual' });
    expect([slash.status, slash.headers.get('Location')]).toEqual([308, '../docs?a=1']);
  });

  it('the vendor fetches an upload, and no problem contains its key', async () => {
    await clearStore();
    const fetched: string[] = [];
    const gateway = await startUploadGateway({
      env,
      toPath(url) {
        fetched.push(url);
        return prefix + url.slice(publicUrl.length);
      },
    });
    const made = await gateway.upload(wavOf());
    expect(made.status).toBe(201);
    expect(fetched[0]).toMatch(/^https:\/\/example\.com\/v1\/recordings-api\/staged\/[\w.-]+\.wav$/);
    for (const spelled of ['/staged', '/%73taged', '//staged']) {
      const gone = await gateway.fetch(`${prefix}${spelled}/canary.wav`);
      expect((await gone.json()).instance).toBe(`${basePath}/staged`);
    }
  });
});

describe('the path of PUBLIC_URL', () => {
  it.each([
    [`${basePath}`, 200],
    [`/${basePath}//`, 200],
    [`${basePath}//health/`, 200],
    [`${basePath}x/health`, 404],
    [`/v1/health`, 404],
    [`${basePath}${basePath}/health`, 404],
    ['/V1/recordings-api/health', 404],
  ])('is compared by segments and stripped once: %s is a %i', async (path, status) => {
    const gateway = await startGateway({ env });
    expect((await gateway.fetch(path)).status).toBe(status);
  });

  it('leaves a next page at // with its host', async () => {
    const gateway = await startGateway();
    const response = await gateway.fetch(`/${list}&limit=1`, { headers: basic(gateway.emulator) });
    expect(response.headers.get('Link')).toMatch(/^<\/recordings\?/);
  });

  it.each(
    [...Object.keys(document.paths), '/panel', '/docs', '/assets/x', '/staged/x'].filter(
      (path) => path !== '/',
    ),
  )('differs from those of the gateway: %s', (path) => {
    expect(() =>
      readConfig({
        LEGACY_API_URL: 'https://legacy.example',
        PUBLIC_URL: `https://example.com${path.replace(/\/\{.*/, '')}`,
      }),
    ).toThrow('PUBLIC_URL must not begin its path');
  });
});
