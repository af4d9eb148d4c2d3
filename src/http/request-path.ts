/**
 * The path used for routing: without a trailing slash, the double slash that a base URL with a trailing slash produces,
 * and the path of `PUBLIC_URL`.
 */
import { getPath } from 'hono/utils/url';

/**
 * The first segments of the gateway's own paths. `PUBLIC_URL` must not start with one: `/recordings/x` would be
 * ambiguous.
 */
const ownSegments = new Set([
  ...[
    'recordings',
    'exports',
    'uploads',
    'oauth',
    'staged',
    'health',
    'problems',
    'openapi.json',
    'openapi-3.0.json',
  ],
  ...['panel', 'docs', 'assets'],
]);

export function isOwnPath(path: string): boolean {
  return ownSegments.has(path.split('/')[1] ?? '');
}

/** `basePath` is the path of `PUBLIC_URL`, without a trailing slash. */
export function createRequestPath(basePath: string): (request: Request) => string {
  return (request) => {
    const path = withoutBase(getPath(request), basePath);
    return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  };
}

/** Strips `basePath` if the proxy passes it on. Most proxies can do either. */
export function withoutBase(path: string, basePath: string): string {
  const single = path.replace(/^\/{2,}/, '/');
  if (basePath === '') return single;
  if (single === basePath) return '/';
  return single.startsWith(`${basePath}/`) ? single.slice(basePath.length).replace(/^\/{2,}/, '/') : single;
}
