/** HTTP Basic: which bytes are keys, and the error for each invalid input. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBasic } from '../../../src/auth/basic.ts';
import { AuthError, toDetail } from '../../../src/auth/failure.ts';

const encode = (text: string | number[]) => {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : Uint8Array.from(text);
  return btoa(String.fromCharCode(...bytes));
};

function detailOf(credentials: string): string {
  try {
    parseBasic(credentials);
  } catch (error) {
    if (error instanceof AuthError) return toDetail(error.failure);
    throw error;
  }
  return 'accepted';
}

describe('Basic credentials', () => {
  it.each([
    ['plain keys', 'foofoofoo:foobarfoo', ['foofoofoo', 'foobarfoo']],
    ['a secret with colons', 'foo:b:a:r:', ['foo', 'b:a:r:']],
    ['text beyond ASCII', 'fü:bár😀', ['fü', 'bár😀']],
    ['keys that look percent-encoded, unchanged', 'a%2Bb+c:d%20', ['a%2Bb+c', 'd%20']],
    ['a byte order mark, unchanged', '\uFEFFfoo:bar', ['\uFEFFfoo', 'bar']],
  ])('hold %s', (_, text, [accessKey, secretAccessKey]) => {
    expect(parseBasic(encode(text))).toEqual({ accessKey, secretAccessKey });
  });

  it.each([
    ['no colon', encode('foofoofoo'), /no colon/],
    ['an empty user-id', encode(':bar'), /user-id.* is empty/],
    ['an empty password', encode('foo:'), /password.* is empty/],
    ['both empty', encode(':'), /is empty/],
    ['nothing', '', /not base64/],
    ['bytes that are not UTF-8', encode([0x66, 0xff, 0x3a, 0x62]), /not UTF-8/],
    ['an overlong encoding of the colon', encode([0x66, 0xc0, 0xba, 0x62]), /not UTF-8/],
    ['a truncated character', encode([0x66, 0x3a, 0xe2, 0x82]), /not UTF-8/],
    ['a null character', encode('foo:b\0r'), /control character/],
    ['a line break', encode('foo\r\nX: y:bar'), /control character/],
    ['a C1 control', encode('foo:\u0085bar'), /control character/],
    ['base64url', encode('foo:~~~???').replaceAll('/', '_'), /not base64/],
    ['missing padding', encode('foo:barr').replaceAll('=', ''), /not base64/],
    ['padding inside', 'Zm9=Om9v', /not base64/],
    ['100 KB', encode(`foo:${'b'.repeat(100_000)}`), /too long/],
  ])('with %s are rejected', (_, credentials, detail) => {
    expect(detailOf(credentials)).toMatch(detail);
  });

  it('survive encoding and parsing for every pair of keys', () => {
    const key = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 64 })
      .filter((text) => !/\p{Cc}/u.test(text));
    const accessKeys = key.filter((text) => !text.includes(':'));
    fc.assert(
      fc.property(accessKeys, key, (accessKey, secretAccessKey) => {
        expect(parseBasic(encode(`${accessKey}:${secretAccessKey}`))).toEqual({ accessKey, secretAccessKey });
      }),
    );
  });

  it('never appear in an error', () => {
    const pieces = fc.constantFrom('CANARY', ':', '\0', '\u0085', 'ÿ');
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        expect(detailOf(encode(parts.join('')))).not.toContain('CANARY');
      }),
    );
  });
});
