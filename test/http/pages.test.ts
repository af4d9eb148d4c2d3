/** Pages beside the API: the redirect of `/`, the headers of pages, and how to disable them. */
import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config/parse.ts';
import type { Assets } from '../../src/config/ui.ts';
import { readConfig } from '../../src/config.ts';
import { startGateway } from '../support/harness.ts';

const files: Readonly<Record<string, string>> = {
  '/panel.html': 'text/html',
  '/docs.html': 'text/html',
  '/assets/panel-1.js': 'text/javascript',
};

/** Responds with the request's own headers. */
const assets: Assets = async ({ url, headers }) => {
  const mediaType = files[new URL(url).pathname];
  if (!mediaType) return new Response('not here', { status: 404 });
  if (headers.get('If-None-Match') === '"1"')
    return new Response(null, { status: 304, headers: { ETag: '"1"' } });
  return Response.json([...headers], { headers: { 'Content-Type': mediaType, ETag: '"1"' } });
};

const browser = {
  headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
  redirect: 'manual',
} as const;

test('/ redirects a browser to the panel, and links programs to the resources', async () => {
  const gateway = await startGateway({ assets });
  const sent = await gateway.fetch('/', browser);
  expect([sent.status, sent.headers.get('Location'), sent.headers.get('Vary')]).toEqual([
    303,
    '/panel',
    'Accept',
  ]);
  for (const Accept of ['*/*', 'application/json']) {
    const told = await gateway.fetch('/', { headers: { Accept } });
    expect([told.status, await told.json()]).toEqual([
      200,
      {
        openapi: '/openapi.json',
        openapi_3_0: '/openapi-3.0.json',
        health: '/health',
        docs: '/docs',
        panel: '/panel',
      },
    ]);
  }
});

test.each([
  { UI: 'off', assets },
  { UI: 'on', assets: null },
])('with UI=$UI and assets $assets there are no pages', async ({ UI, assets: given }) => {
  const gateway = await startGateway({ env: { UI }, ...(given && { assets: given }) });
  for (const path of ['/panel', '/docs', '/panel/config.json', '/assets/panel-1.js']) {
    const response = await gateway.fetch(path);
    expect([response.status, await response.json()]).toEqual([
      404,
      expect.objectContaining({ type: '/problems/not-found' }),
    ]);
    expect(response.headers.get('Content-Security-Policy')).toBe(
      "default-src 'none'; frame-ancestors 'none'",
    );
  }
  const index = await gateway.fetch('/', browser);
  expect([index.status, await index.json()]).toEqual([
    200,
    expect.objectContaining({ docs: null, panel: null }),
  ]);
});

test("pages are revalidated, and run only the gateway's own scripts", async () => {
  const gateway = await startGateway({ assets });
  const panel = await gateway.fetch('/panel');
  expect([panel.status, panel.headers.get('Cache-Control')]).toEqual([200, 'no-cache']);
  const policy = panel.headers.get('Content-Security-Policy') ?? '';
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; ");
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(panel.headers.get('X-Frame-Options')).toBe('DENY');

  const docs = await gateway.fetch('/docs');
  const docsPolicy = docs.headers.get('Content-Security-Policy') ?? '';
  expect(docsPolicy.match(/[\w-]+ [^;]*unsafe[^;]*/g)).toEqual(["style-src 'self' 'unsafe-inline'"]);
  expect(docsPolicy).toContain("script-src 'self';");
});

test('a file is cached forever under its name, and a missing one is a problem', async () => {
  const gateway = await startGateway({ assets });
  const script = await gateway.fetch('/assets/panel-1.js');
  expect([script.status, script.headers.get('Cache-Control')]).toEqual([
    200,
    'public, max-age=31536000, immutable',
  ]);
  const absent = await gateway.fetch('/assets/panel-2.js');
  expect([absent.status, absent.headers.get('Content-Type')]).toEqual([404, 'application/problem+json']);
  expect((await gateway.fetch('/panel', { method: 'POST' })).status).toBe(405);
});

test.each([
  '/assets/..%5cpanel.html',
  '/assets/..%5Cpanel.html',
  '/assets/%2e%2e%5cpanel.html',
  '/assets/..%2fpanel.html',
  '/assets/%2e%2e%2fpanel.html',
  '/assets/..%252fpanel.html',
  '/assets/.%5cpanel-1.js',
  '/assets/panel-1.js%00',
])('%s does not leave the folder of assets', async (path) => {
  const gateway = await startGateway({ assets });
  const response = await gateway.fetch(path);
  expect([response.status, (await response.json()).type]).toEqual([404, '/problems/not-found']);
  expect(response.headers.get('Cache-Control')).toBe('private, no-store');
});

test('a request for a file passes on only its conditions and codings, never a key', async () => {
  const gateway = await startGateway({ assets });
  const headers = { Authorization: 'Basic Zm9vOmJhcg==', Cookie: 'a=b', 'Accept-Encoding': 'br' };
  expect(await (await gateway.fetch('/panel', { headers })).json()).toEqual([['accept-encoding', 'br']]);
  const known = await gateway.fetch('/panel', { headers: { 'If-None-Match': '"1"' } });
  expect([known.status, known.headers.get('Cache-Control')]).toEqual([304, 'no-cache']);
});

test('the panel learns which features exist, and only the keys that it fills in', async () => {
  const LEGACY_API_URL = 'http://127.0.0.1:1/ibp_api.php';
  const plain = await startGateway({ assets, env: { LEGACY_API_URL } });
  const config = await plain.fetch('/panel/config.json');
  expect([config.headers.get('Cache-Control'), await config.json()]).toEqual([
    'no-store',
    {
      live: false,
      account_keys: true,
      tokens: false,
      byte_uploads: false,
      max_upload_bytes: 100_000_000,
      exports: false,
      demo: null,
    },
  ]);
  const env = {
    LEGACY_API_URL,
    PANEL_DEMO_KEYS: 'foo:bar',
    TOKEN_KEYS: btoa('a key for tests, 32 bytes long..'),
  };
  const local = await startGateway({ assets, env });
  expect(await (await local.fetch('/panel/config.json')).json()).toMatchObject({
    tokens: true,
    demo: { access_key: 'foo', secret_access_key: 'bar' },
  });
  const held = { LEGACY_ACCESS_KEY: 'held', LEGACY_SECRET_ACCESS_KEY: 'secret' };
  const idpOnly = {
    JWKS_URL: 'https://idp.example/jwks',
    JWT_ISSUER: 'https://idp.example',
    JWT_AUDIENCE: 'gateway',
    ...held,
    BASIC_AUTH: 'off',
  };
  const closed = await startGateway({ assets, env: { LEGACY_API_URL, ...idpOnly } });
  expect(await (await closed.fetch('/panel/config.json')).json()).toMatchObject({ account_keys: false });
  const live = await startGateway({ assets, env: { LEGACY_API_URL: 'https://legacy.example/', ...held } });
  expect(await (await live.fetch('/panel/config.json')).json()).toMatchObject({ live: true, demo: null });
});

test.each([
  { UI: 'yes' },
  { PANEL_DEMO_KEYS: 'foo' },
  { PANEL_DEMO_KEYS: 'foo:bar', LEGACY_API_URL: 'https://legacy.example/ibp_api.php' },
  { PANEL_DEMO_KEYS: 'foo:bar', LEGACY_API_URL: 'http://127.0.0.1.example/ibp_api.php' },
])('%o is a reported mistake', (mistake) => {
  const environment = { LEGACY_API_URL: 'http://127.0.0.1:1/ibp_api.php', ...mistake };
  expect(() => readConfig(environment)).toThrow(ConfigError);
  expect(() => readConfig(environment)).not.toThrow('bar');
});
