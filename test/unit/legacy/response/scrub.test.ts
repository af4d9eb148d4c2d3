/** Descriptions of the legacy service reach clients without keys and addresses, in any spelling and of any length. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdsKey, scrub } from '../../../../src/legacy/response/scrub.ts';

const accessKey = 'Zq7 xK9+vT2&wL5=pR8%cM3 ü"dN6';
const secretAccessKey = 'Jm4<hB8>nRy6/sD1 fG0é';
const credentials = { accessKey, secretAccessKey };

const utf8 = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));

const forms: [string, (key: string) => string][] = [
  ['unchanged', (key) => key],
  ['percent-encoded', encodeURIComponent],
  ['percent-encoded in lower case', (key) => encodeURIComponent(key).toLowerCase()],
  ['percent-encoded twice', (key) => encodeURIComponent(encodeURIComponent(key))],
  ['as in a form', (key) => new URLSearchParams({ key }).toString().slice(4)],
  ['in HTML', (key) => key.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
  ['in base64', (key) => btoa(utf8(key))],
  ['in capitals', (key) => key.toUpperCase()],
  ['in lower case', (key) => key.toLowerCase()],
  ['in UTF-8 read as Latin-1', utf8],
  ['with its spaces as plus signs', (key) => key.replaceAll(' ', '+')],
  ['truncated', (key) => key.slice(0, 12)],
  ['without its start', (key) => key.slice(6)],
];

/** Whether a usable part of the key remains, in either case. */
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
  test.each(forms)('%s is removed', (_form, write) => {
    const written = write(key);
    const clean = scrub(`Failed for ${written} today`, credentials);
    expect(clean).toMatch(/^Failed for .*\[redacted\].* today$/);
    expect(remains(clean, key)).toBe(false);
    expect(holdsKey(`"${written}"`, credentials)).toBe(true);
  });
});

test('a key is removed from any context', () => {
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
  ['Cannot serve /legacy/api?sid=1&x=2, sorry', 'Cannot serve [address] sorry'],
  ['Moved ("SFTP+x9.y-2://old.example.com")', 'Moved ("[address]'],
  ['://no.scheme here', '[address] here'],
  ['?a=b/c stays, /?= not', '?a=b/c stays, [address] not'],
  ['a=b?c/d stays, /a=b too', 'a=b?c/d stays, /a=b too'],
  ['no /path=a?b is hidden', 'no /path=a?b is hidden'],
  ['x?a/b?c=d', 'x?a[address]'],
  ['index.phpx stays, INDEX.PHP: not', 'index.phpx stays, [address] not'],
  ['apikey:hunter2, then key  =  hunter3', 'apikey=[redacted] then key=[redacted]'],
  ['keys = 3, monkey business', 'keys = 3, monkey business'],
  ['line\none\u0000\u0085two', 'line one two'],
  ['secret_access_key = hunter2 refused', 'secret_access_key=[redacted] refused'],
])('%s: no address and no key', (text, clean) => {
  expect(scrub(text, credentials)).toBe(clean);
});

test.each([
  'Parameter sid is required',
  'Error in retrieving recording',
  'No recording 0907065723240097 and/or type? Größe, 日本, 😀',
])('%s: unchanged', (text) => {
  expect(scrub(text, credentials)).toBe(text);
  expect(holdsKey(text, credentials)).toBe(false);
});

test('empty keys remove nothing', () => {
  const text = 'Parameter: sid is required';
  expect(scrub(text, { accessKey: '', secretAccessKey: '' })).toBe(text);
});

test.each([
  [200, `${'ab '.repeat(66)}ab`],
  [200, `${'ab '.repeat(66)}abc`],
])('a description keeps %i characters', (length, text) => {
  expect(scrub(text, credentials)).toBe(text.slice(0, length));
});

test.each([
  ['23 characters of a word', 'w'.repeat(23), 'w'.repeat(23)],
  ['24 characters of a word', 'w'.repeat(24), '[redacted]'],
  ['all that a key consists of', 'aZ09_+/=%-aZ09_+/=%-aZ09_+/=%-', '[redacted]'],
])('%s: %s', (_name, text, clean) => {
  expect(scrub(`before ${text} after`, credentials)).toBe(`before ${clean} after`);
});

describe('fragments of a key', () => {
  const keys = { accessKey: 'QwErTyUiOpAsDfGh', secretAccessKey: 'Zx9' };

  test.each([
    ['seven characters remain', 'got QwErTyU back', 'got QwErTyU back'],
    ['eight are removed', 'got QwErTyUi back', 'got [redacted] back'],
    ['eight from the end are removed', 'got OpAsDfGh back', 'got [redacted] back'],
    ['eight from the middle are removed', 'got wErTyUiO back', 'got [redacted] back'],
    ['a shorter key counts as a whole', 'got (zX9) back', 'got ([redacted]) back'],
    ['but not in part', 'got Zx back', 'got Zx back'],
    ['at the start', 'QwErTyUi back', '[redacted] back'],
    ['the second character', '(QwErTyUi back', '([redacted] back'],
    ['twice in a row', 'QwErTyUiQwErTyUi.', '[redacted].'],
    ['as a pair', 'got dFGH:zX9, no more', 'got [redacted], no more'],
  ])('%s', (_name, text, clean) => {
    expect(scrub(text, keys)).toBe(clean);
  });
});

describe('a long description', () => {
  /** Text of this length that shrinks to little, so that its end is visible. */
  const filler = (length: number) => `${'/?='.repeat(length)}`.slice(0, length - 1).concat(' ');
  const key = 'QwErTyUiOpAsDfGh';
  const keys = { accessKey: key, secretAccessKey: 'ZxCvBnMlKjHgFdSa' };

  test('is read up to a thousand characters, without partial words', () => {
    const text = (length: number) => `${filler(length - 8)}read now`;
    expect(scrub(text(1000), keys)).toBe('[address] read now');
    expect(scrub(`${text(1000)} and not this`, keys)).toBe('[address] read now');
    expect(scrub(text(1001), keys)).toBe('[address] read');
    expect(scrub(`${text(1001)} and not this`, keys)).toBe('[address] read');
    expect(scrub(`${text(1000)}here`, keys)).toBe('[address] read');
  });

  test('without any white space is read up to a thousand characters', () => {
    expect(scrub('!.'.repeat(600), keys)).toBe('!.'.repeat(100));
    expect(scrub(`${'w'.repeat(998)}!?`, keys)).toBe('[redacted]!?');
    expect(scrub(`${'w'.repeat(999)}!?`, keys)).toBe('[redacted]!');
    expect(scrub(`${'w'.repeat(1000)}!?`, keys)).toBe('[redacted]');
    expect(scrub(`${key}${'!'.repeat(1200)}`, keys)).toBe(`[redacted]${'!'.repeat(190)}`);
    expect(scrub(` ${'!'.repeat(1200)}`, keys)).toBe('');
  });

  test.each(Array.from({ length: 24 }, (_, at) => 980 + at))('shows no part of a key at %i', (at) => {
    for (const text of [filler(at), `${filler(at - 30)}${'a '.repeat(15)}`, '\u00fc'.repeat(at)]) {
      // Characters that no word has, so that the key is not cut off as one.
      const clean = scrub(`${text}${key} and more ${'x '.repeat(50)}`, keys).toLowerCase();
      expect(remains(clean, key)).toBe(false);
      const spaced = { ...keys, accessKey: 'Qw ErT yUi Op' };
      expect(remains(scrub(`${text}Qw ErT yUi Op ${'x '.repeat(50)}`, spaced), 'Qw ErT yUi Op')).toBe(false);
    }
  });
});
