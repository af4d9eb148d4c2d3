/** Who asks, on Workers: Cloudflare sets the header itself and lets no client do so. */
export function clientAddress(request: Request): string {
  // Absent only where nothing of Cloudflare's is in front, as in the local runtime.
  return request.headers.get('CF-Connecting-IP') ?? 'unknown';
}
