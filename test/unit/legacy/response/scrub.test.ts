/** What the legacy says goes to clients without the keys, however a server may have written them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdsKey, scrub } from '../../../../src/legacy/response/scrub.ts';

const accessKey = 'Zq7 xK9+vT2&wL5=pR8%cM3 ü"dN6';
const secretAccessKey = 'Jm4<hB8>nRy6/sD1 fG0é';
const credentials = { accessKey, secretAccessKey };

const utf8 = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));

const forms: [string, (key: string) => string][] = [
  ['as it is', (key) => key],
  ['percent-encoded', encodeURIComponent],
  ['percent-encoded in small letters', (key) => encodeURIComponent(key).toLowerCase()],
  ['percent-encoded twice', (key) => encodeURIComponent(encodeURIComponent(key))],
  ['as in a form', (key) => new URLSearchParams({ key }).toString().slice(4)],
  ['in HTML', (key) => key.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
  ['in base64', (key) => btoa(utf8(key))],
  ['in capitals', (key) => key.toUpperCase()],
  ['in small letters', (key) => key.toLowerCase()],
  ['in UTF-8 read as Latin-1', utf8],
  ['with its spaces as plus signs', (key) => key.replaceAll(' ', '+')],
  ['cut short', (key) => key.slice(0, 12)],
  ['without its beginning', (key) => key.slice(6)],
];

/** Long enough to be of use to somebody, in capitals or not. */
function remains(text: string, key: string): boolean {
  const lower = text.toLowerCase();
  return [...key].some(
    (_, at) => at + 6 <= key.length && lower.includes(key.slice(at, at + 6).toLowerCase()),
  );
}

describe.each([
  ['an access key', accessKey],
  ['a secret access key', secretAccessKey],
])('%s', (_which, key) => {
  test.each(forms)('%s is taken out', (_form, write) => {
    const written = write(key);
    const clean = scrub(`Failed for ${written} today`, credentials);
    expect(clean).toMatch(/^Failed for .*\[redacted\].* today$/);
    expect(remains(clean, key)).toBe(false);
    expect(holdsKey(`"${written}"`, credentials)).toBe(true);
  });
});

test('a key is taken out of whatever surrounds it', () => {
  const around = fc.string({ maxLength: 40 });
  const key = fc.constantFrom(accessKey, secretAccessKey);
  fc.assert(
    fc.property(around, key, around, (before, secret, after) => {
      expect(remains(scrub(before + secret + after, credentials), secret)).toBe(false);
    }),
  );
});

test.each([
  ['See https://old.example.com/ibp_api.php?sid=1 now', 'See [address] now'],
  ['Bad request /ibp_api.php?action=recording.list&type=findme', 'Bad request [address]'],
  ['Warning in /var/www/html/ibp_api.php on line 12', 'Warning in [address] on line 12'],
  ['Cannot serve /legacy/api?sid=1', 'Cannot serve [address]'],
  ['secret_access_key = hunter2 refused', 'secret_access_key=[redacted] refused'],
])('%s: no address and no key of anybody', (text, clean) => {
  expect(scrub(text, credentials)).toBe(clean);
});

test.each([
  'Parameter sid is required',
  'Error in retrieving recording',
  'No recording 0907065723240097 and/or type? Größe, 日本, 😀',
])('%s: stays as it is', (text) => {
  expect(scrub(text, credentials)).toBe(text);
  expect(holdsKey(text, credentials)).toBe(false);
});

test('no keys at all take nothing out', () => {
  expect(scrub('Parameter sid is required', { accessKey: '', secretAccessKey: '' })).toBe(
    'Parameter sid is required',
  );
});
