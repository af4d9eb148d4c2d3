/** `TOKEN_KEYS`: which texts are accepted, and errors that do not show the key. */
import { describe, expect, it } from 'vitest';
import { parseTokenKeys } from '../../../src/auth/token-keys.ts';

const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
const first = Uint8Array.from({ length: 32 }, (_, index) => 255 - index * 7);
const second = Uint8Array.from({ length: 32 }, (_, index) => index * 5);
const good = base64(first);

describe('TOKEN_KEYS', () => {
  it.each([
    ['one key', good, [first]],
    ['two, the first sealing', `${good},${base64(second)}`, [first, second]],
    ['surrounding spaces', ` ${good} , ${base64(second)}\n`, [first, second]],
    ['no padding', good.replace('=', ''), [first]],
    ['base64url', good.replaceAll('+', '-').replaceAll('/', '_'), [first]],
  ])('reads %s', (_, text, keys) => {
    expect(parseTokenKeys(text)).toEqual(keys);
  });

  it.each([
    ['nothing', '', 'key 1 of 1 is not 32 bytes in base64'],
    ['an empty entry', `${good},`, 'key 2 of 2 is not 32 bytes in base64'],
    ['31 bytes', base64(first.slice(1)), 'key 1 of 1 is not 32 bytes in base64'],
    ['33 bytes', base64(new Uint8Array(33)), 'key 1 of 1 is not 32 bytes in base64'],
    ['hexadecimal', 'ab'.repeat(32), 'key 1 of 1 is not 32 bytes in base64'],
    ['two alphabets mixed', `-+${good.slice(2)}`, 'key 1 of 1 is not 32 bytes in base64'],
    ['32 zeros', base64(new Uint8Array(32)), 'key 1 of 1 repeats a few bytes: it must be random'],
    [
      'a repeated word of seven letters',
      btoa('letters'.repeat(5).slice(0, 32)),
      'key 1 of 1 repeats a few bytes: it must be random',
    ],
    ['an altered last character', `${good.slice(0, -2)}J=`, 'key 1 of 1 is not 32 bytes in base64'],
    [
      'a key twice',
      `${good},${base64(second)},${good.replace('=', '')}`,
      'key 3 of 3 repeats an earlier one',
    ],
  ])('rejects %s', (_, text, message) => {
    expect(() => parseTokenKeys(text)).toThrow(new Error(message));
  });
});
