/** Reads `Prefer: wait=N` (RFC 7240, section 4.3). */

/** The longest wait that a caller gets, in seconds. */
const longestWait = 60;

// Preferences are separated by commas outside quoted values. An unclosed quotation mark takes the rest.
const preferences = /(?:[^",]|"(?:[^"\\]|\\.?)*(?:"|$))+/gs;

/**
 * In seconds, at most `longestWait`; null without a usable `wait`. Only the first of several counts, even if it is
 * malformed (section 2).
 */
export function parseWait(prefer: string | null | undefined): number | null {
  const wait = prefer?.match(preferences)?.find((preference) => /^\s*wait\s*(?:[=;]|$)/i.test(preference));
  const [, value] = /^[^=;]*=\s*"?(\d+)"?\s*(?:;|$)/.exec(wait ?? '') ?? [];
  return value === undefined ? null : Math.min(Number(value), longestWait);
}
