/**
 * The path used for routing, without a trailing slash or the double slash that a base URL with a trailing slash
 * produces.
 */
import { getPath } from 'hono/utils/url';

export function toRequestPath(request: Request): string {
  const path = getPath(request).replace(/^\/{2,}/, '/');
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
