/** Cross-origin access for pages and web players (https://fetch.spec.whatwg.org/#http-cors-protocol). */
import type { MiddlewareHandler } from 'hono';
import type { CorsOrigins } from '../http/origins.ts';

const allowedMethods = 'GET, HEAD, POST, DELETE';
/** Headers that the gateway reads, except those that browsers let every page send. */
const knownHeaders = [
  ...[
    'Authorization',
    'Content-Type',
    'Accept',
    'Prefer',
    'Idempotency-Key',
    'Last-Event-ID',
    'Traceparent',
    'Range',
  ],
  ...['If-Range', 'If-Match', 'If-None-Match', 'If-Modified-Since', 'If-Unmodified-Since'],
];

/** An allowed origin may send any header: tracing and client libraries add their own, and the gateway uses no cookies. */
function toAllowedHeaders(requested = ''): string {
  const names = requested.split(',').map((name) => name.trim());
  const known = new Set(knownHeaders.map((name) => name.toLowerCase()));
  const others = names.filter((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !known.has(name.toLowerCase()));
  return [...knownHeaders, ...others].join(', ');
}

const exposedHeaders = [
  ...['Accept-Ranges', 'Content-Disposition', 'Content-Length', 'Content-Range', 'ETag', 'Link', 'Location'],
  ...['Preference-Applied', 'Retry-After', 'WWW-Authenticate', 'X-Request-Id'],
].join(', ');

/** In seconds. Browsers cap it at two hours. */
const maxAge = 7200;

/**
 * Hono's middleware answers every OPTIONS, and sets its headers before the handler, whose `Vary` would replace its
 * own. Never allows credentials: callers send theirs in `Authorization`, which does not need it.
 */
export function createCors(origins: CorsOrigins): MiddlewareHandler {
  const toAllowed = (origin: string | undefined) => {
    if (origins === '*') return '*';
    return origin !== undefined && origins.includes(origin) ? origin : null;
  };

  return async (c, next) => {
    const allowed = toAllowed(c.req.header('Origin'));
    const isPreflight =
      c.req.method === 'OPTIONS' && c.req.header('Access-Control-Request-Method') !== undefined;
    if (isPreflight) c.res = new Response(null, { status: 204 });
    else await next();

    const { headers } = c.res;
    // Sent to other origins too, since caches must not reuse their response for an allowed origin.
    if (origins !== '*') headers.append('Vary', 'Origin');
    if (allowed === null) return;
    headers.set('Access-Control-Allow-Origin', allowed);
    if (!isPreflight) return headers.set('Access-Control-Expose-Headers', exposedHeaders);
    headers.set('Access-Control-Allow-Methods', allowedMethods);
    headers.set(
      'Access-Control-Allow-Headers',
      toAllowedHeaders(c.req.header('Access-Control-Request-Headers')),
    );
    headers.append('Vary', 'Access-Control-Request-Headers');
    headers.set('Access-Control-Max-Age', String(maxAge));
  };
}
