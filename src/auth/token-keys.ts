/** Reads `TOKEN_KEYS`: 32 random bytes each, in base64 or base64url, separated by commas; the first seals. */
import { base64url } from 'jose';

const keyLength = 32;

/** Fewer distinct bytes occur once in 10^30 random keys; a placeholder such as `AAAA…` has one. */
const minDifferentBytes = 8;

/** Throws an Error whose message names the key by its position and never shows it. */
export function parseTokenKeys(text: string): Uint8Array[] {
  const parts = text.split(',').map((part) => part.trim());
  const name = (index: number) => `key ${index + 1} of ${parts.length}`;
  const keys = parts.map((part, index) => {
    const key = parseKey(part);
    if (!key) throw new Error(`${name(index)} is not ${keyLength} bytes in base64`);
    if (new Set(key).size < minDifferentBytes) {
      throw new Error(`${name(index)} repeats a few bytes: it must be random`);
    }
    return key;
  });
  const texts = keys.map((key) => base64url.encode(key));
  const repeated = texts.findIndex((text, index) => texts.indexOf(text) !== index);
  if (repeated >= 0) throw new Error(`${name(repeated)} repeats an earlier one`);
  return keys;
}

function parseKey(text: string): Uint8Array | null {
  // 43 characters and optional padding, in one of the two alphabets.
  if (!/^(?:[A-Za-z0-9+/]{43}|[\w-]{43})=?$/.test(text)) return null;
  const canonical = text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const key = base64url.decode(canonical);
  // A text that is not canonical was edited by hand.
  return base64url.encode(key) === canonical ? key : null;
}
