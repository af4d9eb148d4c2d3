/** Serves the built panel and reference on Node, precompressed; the ETag of a page lets browsers revalidate it. */
import { existsSync } from 'node:fs';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import type { Assets } from '../config/ui.ts';

/** Null if the folder was not built. */
export function createNodeAssets(directory: string): Assets | null {
  if (!existsSync(directory)) return null;
  const files = new Hono();
  files.use(async (c, next) => {
    await next();
    // serve-static sets it on compressed responses only, so a shared cache could return plain ones to all clients.
    c.res.headers.set('Vary', 'Accept-Encoding');
  });
  const serve = serveStatic({ root: directory, precompressed: true });
  files.get('/:page{(?:panel|docs)\\.html}', etag({ weak: true }), serve);
  // The pattern excludes the compressed siblings. Names change with their content, so assets need no ETag.
  files.get('/assets/:file{[\\w-]+\\.(?:js|css|svg|woff2)}', serve);
  return async (request) => {
    const headers = { ...Object.fromEntries(request.headers), 'accept-encoding': toCodings(request) };
    return files.fetch(new Request(request, { headers }));
  };
}

/** serve-static ignores weights: drops the codings of weight 0 (RFC 9110 section 12.5.3), and all other weights. */
function toCodings({ headers }: Request): string {
  const offers = (headers.get('Accept-Encoding') ?? '').toLowerCase().split(',');
  const accepted = offers.filter((offer) => !/;\s*q=0(?:\.0*)?\s*$/.test(offer));
  return accepted.map((offer) => offer.split(';')[0]?.trim()).join(', ');
}
