/** Where the vendor may be sent with keys that the gateway holds: below the places that its operator has named. */
import { hasPlainHost } from './path.ts';

export interface AllowedPaths {
  /** Whether a path or URL lies below one of them. */
  allow(path: string): boolean;
}

interface Place {
  /** Empty for a plain path. */
  readonly origin: string;
  readonly pathname: string;
}

/**
 * Throws RangeError for a prefix that is neither an http(s) URL nor an absolute path, or has a query or credentials; its
 * message shows none.
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

/** On the border of a segment: `/a` is above `/a/b`, and not above `/ab`. */
function isBelow(place: Place, prefix: Place): boolean {
  const parent = prefix.pathname.endsWith('/') ? prefix.pathname : `${prefix.pathname}/`;
  return place.origin === prefix.origin && place.pathname.startsWith(parent);
}

// What a server behind the URL may still undo: an encoded dot, slash, backslash or percent sign, or a control character;
// also in forms outside the standards that old servers read: too long for UTF-8 (of 2 to 6 bytes), or with a `u`.
const encodedSyntax = /%(?:2e|2f|5c|25|[01][0-9a-f]|7f|c[01]|e0%[89]|f0%8|f8%8|fc%8|u)/i;
// A step up or none, also with the parameters and spaces that some servers cut off first.
const dotSegment = /(?:^|\/)(?:%20)*\.{1,2}(?:%20)*(?:(?:;|%3b)[^/]*)?(?:\/|$)/i;

// Where a host ends at one of these, some libraries read on, up to an `@`.
const hostWithoutPath = /^https?:\/\/[^/?#]*[?#]/i;

/** Null for what could lead anywhere else than it reads. */
function toPlace(text: string): Place | null {
  // Only a URL ends its path at these; in a file's name they are letters.
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
