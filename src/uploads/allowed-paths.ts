/** Limits the upload paths that the vendor fetches with the gateway's own keys to the operator's prefixes. */
import { hasPlainHost } from './path.ts';

export interface AllowedPaths {
  /** Whether a path or URL lies below an allowed prefix. */
  allow(path: string): boolean;
}

interface Place {
  /** Empty for a plain path. */
  readonly origin: string;
  readonly pathname: string;
}

/**
 * Throws RangeError for a prefix that is neither an http(s) URL nor an absolute path, or has a query or credentials.
 * The message shows no prefix.
 */
export function createAllowedPaths(prefixes: readonly string[]): AllowedPaths {
  const places = prefixes.map((prefix) => {
    const place = /[?#]/.test(prefix) ? null : toPlace(prefix);
    if (!place) {
      throw new RangeError(
        'must be http(s) URLs or absolute paths, separated by commas, without query, fragment or credentials',
      );
    }
    return place;
  });
  return {
    allow(path) {
      const place = toPlace(path);
      return place !== null && places.some((prefix) => isBelow(place, prefix));
    },
  };
}

/** Prefixes separated by commas; see createAllowedPaths. */
export function parsePathPrefixes(text: string): AllowedPaths {
  const prefixes = text.split(',').map((prefix) => prefix.trim());
  return createAllowedPaths(prefixes.filter((prefix) => prefix !== ''));
}

/** At a segment boundary: `/a` contains `/a/b`, but not `/ab`. */
function isBelow(place: Place, prefix: Place): boolean {
  const parent = prefix.pathname.endsWith('/') ? prefix.pathname : `${prefix.pathname}/`;
  return place.origin === prefix.origin && place.pathname.startsWith(parent);
}

// Encodings that a server may decode again: a dot, slash, backslash, percent sign or control character, also in
// nonstandard forms that old servers accept (overlong UTF-8 of 2 to 6 bytes, or `%u`).
const encodedSyntax = /%(?:2e|2f|5c|25|[01][0-9a-f]|7f|c[01]|e0%[89]|f0%8|f8%8|fc%8|u)/i;
// A dot segment, also with the parameters and spaces that some servers strip first.
const dotSegment = /(?:^|\/)(?:%20)*\.{1,2}(?:%20)*(?:(?:;|%3b)[^/]*)?(?:\/|$)/i;

// After one of these characters, some libraries continue the host up to an `@`.
const hostWithoutPath = /^https?:\/\/[^/?#]*[?#]/i;

/** Null for text that another parser may read as another place. */
function toPlace(text: string): Place | null {
  // Only a URL ends its path at these characters; in a file name they are ordinary.
  const path = text.startsWith('/') ? text : (text.split(/[?#]/, 1)[0] ?? '');
  if (path.includes('\\') || encodedSyntax.test(path) || dotSegment.test(path)) return null;
  if (path.startsWith('/')) return path.startsWith('//') ? null : { origin: '', pathname: path };
  if (
    !/^https?:\/\/[^/@]/i.test(path) ||
    hostWithoutPath.test(text) ||
    !hasPlainHost(path) ||
    !URL.canParse(path)
  )
    return null;
  const { origin, pathname, username, password } = new URL(path);
  return username || password || /^https?:\/\/[^/]*@/i.test(path) ? null : { origin, pathname };
}
