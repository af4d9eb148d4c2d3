/** `traceparent` of W3C Trace Context (https://www.w3.org/TR/trace-context/#traceparent-header). */

const form = /^(?!ff)([\da-f]{2})-((?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2})(-.*)?$/;

/** The header as version 00, also from a later version (section 3.2.3 of level 1); undefined where it is malformed. */
export function parseTraceparent(header = ''): string | undefined {
  const [, version, parts, more] = form.exec(header) ?? [];
  const isKnown = parts !== undefined && (version !== '00' || more === undefined);
  return isKnown ? `00-${parts}` : undefined;
}
