/** The `Prefer: wait=N` of a request (RFC 7240, section 4.3). */

/** The longest that a caller is kept waiting, in seconds. */
const longestWait = 60;

// A comma parts them, but not inside of a quoted value. A quotation mark that is never closed takes the rest.
const preferences = /(?:[^",]|"(?:[^"\\]|\\.?)*(?:"|$))+/gs;

/**
 * In seconds, at most `longestWait`; null where the caller prefers nothing of the kind. The first of several counts, and it
 * alone, whether it can be understood or not (section 2).
 */
export function parseWait(prefer: string | null | undefined): number | null {
  const wait = prefer?.match(preferences)?.find((preference) => /^\s*wait\s*(?:[=;]|$)/i.test(preference));
  const [, value] = /^[^=;]*=\s*"?(\d+)"?\s*(?:;|$)/.exec(wait ?? '') ?? [];
  return value === undefined ? null : Math.min(Number(value), longestWait);
}
