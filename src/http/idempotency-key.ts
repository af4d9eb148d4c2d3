/**
 * Reads `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a String of RFC 9651, or the same text without
 * quotation marks.
 */

/** In characters, without the quotation marks. */
export const maxIdempotencyKey = 255;

// RFC 9651 section 3.3.3: printable ASCII, quotation mark and backslash escaped.
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
// Many clients send a UUID or similar without quotation marks. A comma is excluded, so that two joined headers
// are not one key.
const bare = /^[\w.:+/=~-]+$/;

/** Null if the header is malformed, empty or too long. */
export function parseIdempotencyKey(header: string): string | null {
  const text = header.trim();
  const key = bare.test(text) ? text : (quoted.exec(text)?.[1]?.replace(/\\(["\\])/g, '$1') ?? '');
  return key !== '' && key.length <= maxIdempotencyKey ? key : null;
}
