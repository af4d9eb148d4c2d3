/** The `Prefer: wait=N` of a request (RFC 7240, section 4.3). */

/** The longest that a caller is kept waiting, in seconds. */
export const longestWait = 60;

/** In seconds, at most `longestWait`; null where the caller prefers nothing of the kind. The first of several counts (section 2). */
export function parseWait(prefer: string | null | undefined): number | null {
  for (const preference of (prefer ?? '').split(',')) {
    const [, value] = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;|$)/i.exec(preference) ?? [];
    if (value !== undefined) return Math.min(Number(value), longestWait);
  }
  return null;
}
