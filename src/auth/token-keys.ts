/** Reads `TOKEN_KEYS`: 32 random bytes each, in base64 or base64url, separated by commas; the first seals. */
import { toBase64url } from './base64url.ts';

const keyLength = 32;

/** Throws an Error whose message names the key by its place and never shows it. */
export function parseTokenKeys(text: string): Uint8Array[] {
  const parts = text.split(',').map((part) => part.trim());
  const keys = parts.map((part, index) => {
    const key = parseKey(part);
    if (!key) throw new Error(`key ${index + 1} of ${parts.length} is not ${keyLength} bytes in base64`);
    return key;
  });
  const names = keys.map(toBase64url);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice >= 0) throw new Error(`key ${twice + 1} of ${parts.length} repeats an earlier one`);
  return keys;
}

function parseKey(text: string): Uint8Array | null {
  // 43 characters and one of padding, in one of the two alphabets.
  if (!/^(?:[A-Za-z0-9+/]{43}|[\w-]{43})=?$/.test(text)) return null;
  const name = text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const key = Uint8Array.from(atob(name.replaceAll('-', '+').replaceAll('_', '/')), (byte) =>
    byte.charCodeAt(0),
  );
  // Not canonical: a key that was altered by hand, which nobody means to do.
  return toBase64url(key) === name ? key : null;
}
