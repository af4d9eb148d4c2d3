/** The client's address on Workers: Cloudflare sets the header and overwrites a client's own. */
export function clientAddress(request: Request): string {
  // Absent only without Cloudflare's edge, as in the local runtime.
  return request.headers.get('CF-Connecting-IP') ?? 'unknown';
}
