/** The path by which a request is routed: a base URL that ends in a slash, or a path that does, changes nothing. */
import { getPath } from 'hono/utils/url';

export function toRequestPath(request: Request): string {
  const path = getPath(request).replace(/^\/{2,}/, '/');
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
