/** The built files as the Node entry serves them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createNodeAssets } from '../../src/node/static-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'ui-'));
afterAll(() => rmSync(directory, { recursive: true }));
mkdirSync(join(directory, 'ui/assets'), { recursive: true });
writeFileSync(join(directory, 'secret.html'), 'a file beside the folder');
writeFileSync(join(directory, 'ui/panel.html'), 'the page');
writeFileSync(join(directory, 'ui/assets/a.js'), 'plain');
writeFileSync(join(directory, 'ui/assets/a.js.br'), 'brotli');
writeFileSync(join(directory, 'ui/assets/a.js.gz'), 'gzip');

const assets = createNodeAssets(join(directory, 'ui'));

function ask(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  if (!assets) throw new Error('there are files');
  return assets(new Request(`http://gateway.example${path}`, { headers }));
}

test.each([
  { accepted: 'gzip, deflate, br', coding: 'br', body: 'brotli' },
  { accepted: 'gzip', coding: 'gzip', body: 'gzip' },
  { accepted: 'br;q=0, gzip;q=0.5', coding: 'gzip', body: 'gzip' },
  { accepted: 'BR;Q=0.000, GZip', coding: 'gzip', body: 'gzip' },
  { accepted: 'identity', coding: null, body: 'plain' },
  { accepted: '', coding: null, body: 'plain' },
])('"$accepted" gets $coding', async ({ accepted, coding, body }) => {
  const response = await ask('/assets/a.js', { 'Accept-Encoding': accepted });
  expect([response.status, response.headers.get('Content-Encoding'), await response.text()]).toEqual([
    200,
    coding,
    body,
  ]);
  expect(response.headers.get('Vary')).toBe('Accept-Encoding');
  expect(response.headers.get('Content-Length')).toBe(String(body.length));
});

test('an unchanged page is not sent again', async () => {
  const first = await ask('/panel.html');
  expect([first.headers.get('Content-Type'), await first.text()]).toEqual([
    'text/html; charset=utf-8',
    'the page',
  ]);
  const again = await ask('/panel.html', { 'If-None-Match': first.headers.get('ETag') ?? '' });
  expect([again.status, await again.text()]).toEqual([304, '']);
  expect([again.headers.get('ETag'), again.headers.get('Vary')]).toEqual([
    first.headers.get('ETag'),
    'Accept-Encoding',
  ]);
});

test.each([
  ...[
    '/',
    '/assets',
    '/assets/b.js',
    '/assets/a.js.br',
    '/../secret.html',
    '/..%2fsecret.html',
    '/%2e%2e/secret.html',
  ],
  '//secret.html',
  '/assets/..%5cpanel.html',
  '/assets/%2e%2e%2fpanel.html',
  '/assets/..%2f..%2fsecret.html',
  '/assets/panel.html',
  '/openapi.json',
])('%s is not found', async (path) => {
  expect((await ask(path)).status).toBe(404);
});

test('without a build there are no files', () => {
  expect(createNodeAssets(join(directory, 'nowhere'))).toBeNull();
});
