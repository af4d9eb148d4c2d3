/** `Forwarded` (RFC 7239) and its older relatives, as the nearest proxy wrote them. */

/**
 * The client that the nearest proxy names. Each proxy appends to the header it received, so only the last element is
 * the nearest proxy's. A value that a client sent, even an unclosed quoted string, ends at the comma before it.
 */
export function parseForwardedFor(header: string): string | null {
  const [, quoted, token] = /(?:^|;)\s*for\s*=\s*(?:"([^"]*)"|([^;"\s]+))/i.exec(lastElement(header)) ?? [];
  return quoted || token || null;
}

/** For lists such as `X-Forwarded-For`. */
export function lastElement(header: string): string {
  return header.slice(header.lastIndexOf(',') + 1).trim();
}
