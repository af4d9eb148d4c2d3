/** Accepts a JWS or JWE only in its canonical base64url spelling, so that each token has exactly one text. */

// RFC 4648 section 3.5: a decoder may ignore the unused bits of the last character, and then accept an altered
// text. Without padding (RFC 7515 section 2), two characters leave four unused bits and three leave two.
const segment = '(?:[\\w-]{4})*(?:[\\w-][AQgw]|[\\w-]{2}[AEIMQUYcgkosw048])?';

const jws = new RegExp(`^${segment}\\.${segment}\\.${segment}$`);

/** `dir` with A256GCM: no encrypted key, 12 bytes of initialization vector, 16 of tag (RFC 7518 sections 4.5, 5.3). */
const jwe = new RegExp(`^${segment}\\.\\.[\\w-]{16}\\.${segment}\\.[\\w-]{21}[AQgw]$`);

export function isCanonicalJws(text: string): boolean {
  return jws.test(text);
}

export function isCanonicalJwe(text: string): boolean {
  return jwe.test(text);
}
