/** The digests that each runtime brings. */
import { expect, test } from 'vitest';
import { hmac } from '#test-streams';
import { toHex } from '../../../src/primitives/hex.ts';

const encoder = new TextEncoder();

test.each([
  // RFC 4231, section 4.3.
  [
    'what do ya want for nothing?',
    'Jefe',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  // Section 4.7: a key longer than a block.
  [
    'Test Using Larger Than Block-Size Key - Hash Key First',
    '\xaa'.repeat(131),
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
])('an HMAC of %j is that of RFC 4231', async (message, key, expected) => {
  const bytes = Uint8Array.from(key, (character) => character.charCodeAt(0));
  expect(toHex(await hmac(bytes, encoder.encode(message)))).toBe(expected);
  // The key is kept.
  expect(toHex(await hmac(bytes, encoder.encode(message)))).toBe(expected);
});
