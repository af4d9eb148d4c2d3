/** With the gateway's own keys, the vendor fetches only from allowed prefixes, whatever tricks a path contains. */
import { expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { createAllowedPaths } from '../../../src/uploads/allowed-paths.ts';

const prefixes = createAllowedPaths([
  'https://media.example.com/uploads',
  'http://127.0.0.1:8000/',
  '/srv/audio/',
]);

test.each([
  'https://media.example.com/uploads/a.wav',
  'https://media.example.com/uploads/2026/11/a.wav?signature=abc%2Fdef&x=../..',
  'HTTPS://MEDIA.EXAMPLE.COM:443/uploads/a.wav',
  'https://media.example.com/uploads/a%20b.wav',
  'https://media.example.com/uploads/%C3%A4%E2%82%AC%F0%9F%8E%A7.wav',
  'https://media.example.com/uploads/ä€🎧.wav',
  'http://127.0.0.1:8000/a.wav?x@y#z@w',
  'https://media.example.com/uploads/..a.wav',
  'https://media.example.com/uploads/..a%20b;c.wav',
  'https://media.example.com/uploads/a%20.%3bb.wav',
  'https://media.example.com/uploads/...',
  'http://127.0.0.1:8000/a.wav',
  '/srv/audio/a.wav',
  '/srv/audio/deep/a?b.wav',
])('%s is below a prefix', (path) => {
  expect(prefixes.allow(path)).toBe(true);
});

test.each([
  'https://media.example.com/uploads',
  'https://media.example.com/uploads2/a.wav',
  'https://media.example.com/uploadsa.wav',
  'https://media.example.com/Uploads/a.wav',
  'https://media.example.com/',
  'http://media.example.com/uploads/a.wav',
  'https://media.example.com:8443/uploads/a.wav',
  'https://media.example.com.evil.example/uploads/a.wav',
  'https://evil.example/https://media.example.com/uploads/a.wav',
  'https://evil.example/?https://media.example.com/uploads/a.wav',
  'https://evil.example#https://media.example.com/uploads/a.wav',
  'https://media.example.com@evil.example/uploads/a.wav',
  'https://media.example.com%40evil.example/uploads/a.wav',
  'https://user@media.example.com/uploads/a.wav',
  'https://@media.example.com/uploads/a.wav',
  'https://media.example.com\\@evil.example/uploads/a.wav',
  'https:/media.example.com/uploads/a.wav',
  'https:///media.example.com/uploads/a.wav',
  'https://media.example.com/uploads/../secret.wav',
  'https://media.example.com/uploads/./../secret.wav',
  'https://media.example.com/uploads/a/../b.wav',
  'https://media.example.com/uploads/..',
  'https://media.example.com/uploads/..;x/secret.wav',
  'https://media.example.com/uploads/%2e%2e/secret.wav',
  'https://media.example.com/uploads/.%2E/secret.wav',
  'https://media.example.com/uploads/..%2fsecret.wav',
  'https://media.example.com/uploads/..%5Csecret.wav',
  'https://media.example.com/uploads/%252e%252e/secret.wav',
  'https://media.example.com/uploads\\..\\secret.wav',
  'https://media.example.com/uploads/%c0%ae%c0%ae/secret.wav',
  'https://media.example.com/uploads/%e0%80%ae%E0%80%AE/secret.wav',
  'https://media.example.com/uploads/%f0%80%80%ae/secret.wav',
  'https://ⓜedia.example.com/uploads/a.wav',
  'https://media.example。com/uploads/a.wav',
  'https://media.exam\u00adple.com/uploads/a.wav',
  'https://%6dedia.example.com/uploads/a.wav',
  'https://media.example.com/uploads/%f8%80%80%80%ae%f8%80%80%80%ae/secret.wav',
  'https://media.example.com/uploads/%FC%80%80%80%80%AE/secret.wav',
  'https://media.example.com/uploads/..%20/secret.wav',
  'https://media.example.com/uploads/%20..%20%20/secret.wav',
  'https://media.example.com/uploads/..%3b/secret.wav',
  'https://media.example.com/uploads/..%3Bx=y/secret.wav',
  '/srv/audio/..%20/secret.wav',
  'https://media.example.com/uploads/%u002e%u002e/secret.wav',
  'https://media.example.com/uploads/a%00.wav',
  'https://media.example.com/uploads/a%0d%0a.wav',
  'http://127.0.0.1:8000?@evil.example/a.wav',
  'http://127.0.0.1:8000#@evil.example/a.wav',
  'http://127.0.0.1:80/a.wav',
  'http://127.1:8001/a.wav',
  '//media.example.com/uploads/a.wav',
  '/srv/audio',
  '/srv/audio2/a.wav',
  '/srv/audio/../secret.wav',
  '/srv/audio/a?/../../secret.wav',
  '/srv/audio/a#/../../secret.wav',
  '//srv/audio/a.wav',
  'srv/audio/a.wav',
  'file:///srv/audio/a.wav',
  '',
])('%s is not below a prefix', (path) => {
  expect(prefixes.allow(path)).toBe(false);
});

test('without prefixes, no path is allowed', () => {
  expect(createAllowedPaths([]).allow('https://media.example.com/uploads/a.wav')).toBe(false);
});

const read = (value: string) =>
  readConfig({ LEGACY_API_URL: 'https://legacy.example/ibp_api.php', UPLOAD_PATH_PREFIXES: value });

test('the variable is a list', () => {
  const { allowedPaths } = read(' https://a.example/x , /srv/audio ').uploads;
  expect(allowedPaths.allow('https://a.example/x/1.wav')).toBe(true);
  expect(allowedPaths.allow('/srv/audio/1.wav')).toBe(true);
});

test.each([
  'ftp://a.example/',
  'a.example/x',
  'https://a.example/?x=1',
  'https://u:p@a.example/',
  'https://a.example/%2e%2e/',
  '/a/../b',
  '//a.example',
])('the variable rejects %s without repeating it', (value) => {
  expect(() => read(value)).toThrow(/^UPLOAD_PATH_PREFIXES must be/);
  try {
    read(value);
  } catch (error) {
    expect(String(error)).not.toContain(value);
  }
});
