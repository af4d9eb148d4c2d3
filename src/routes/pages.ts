/** Pages for people: the panel, the reference, and the redirect of `/`. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { chooseOffer } from '../http/accept.ts';
import type { AppEnv } from '../middleware/app-env.ts';
import type { Gateway } from '../middleware/gateway.ts';
import { headers, problemResponses } from '../openapi/schemas.ts';
import { Problem } from '../problem/problem.ts';

const place = (description: string, example: string) =>
  z.string().max(100).openapi({ format: 'uri-reference', description, example });

const IndexSchema = z
  .object({
    openapi: place('The OpenAPI 3.1 document.', '/openapi.json'),
    openapi_3_0: place('The same as OpenAPI 3.0.', '/openapi-3.0.json'),
    health: place('The health of the gateway.', '/health'),
    docs: place('The reference as a web page. Null if the gateway has none.', '/docs').nullable(),
    panel: place('The test panel. Null if the gateway has none.', '/panel').nullable(),
  })
  .openapi('Index', { description: 'Links, without the origin.' });

const places = {
  openapi: '/openapi.json',
  openapi_3_0: '/openapi-3.0.json',
  health: '/health',
  docs: '/docs',
  panel: '/panel',
};

/** The links of the index, below the path of `PUBLIC_URL`. */
function toLinks(basePath: string, hasPages: boolean) {
  return {
    openapi: `${basePath}${places.openapi}`,
    openapi_3_0: `${basePath}${places.openapi_3_0}`,
    health: `${basePath}${places.health}`,
    docs: hasPages ? `${basePath}${places.docs}` : null,
    panel: hasPages ? `${basePath}${places.panel}` : null,
  };
}

const offers = (['application/json', 'text/html'] as const).map((mediaType) => ({
  value: mediaType,
  mediaType,
}));

export function addPages(gateway: Gateway): void {
  const { app, ui, basePath } = gateway;
  const links = toLinks(basePath, ui !== null);
  app.openapi(
    createRoute({
      operationId: 'getIndex',
      method: 'get',
      path: '/',
      tags: ['Service'],
      summary: 'Get the links of the gateway',
      description: 'Returns links to the documents, and redirects a browser to the panel.',
      security: [],
      responses: {
        200: {
          description: 'The links.',
          content: {
            'application/json': {
              schema: IndexSchema,
              example: places,
            },
          },
        },
        303: {
          description: 'Redirects clients that prefer `text/html` to the panel.',
          headers: headers('Location'),
        },
        ...problemResponses(),
      },
    }),
    (c) => {
      c.header('Vary', 'Accept');
      c.header('Cache-Control', 'no-cache');
      const isBrowser = ui !== null && chooseOffer(c.req.header('Accept'), offers) === 'text/html';
      return isBrowser ? (c.redirect(`${basePath}${places.panel}`, 303) as never) : c.json(links, 200);
    },
  );
  if (!ui) return;
  const serve = (path: string, cacheControl: string) => async (c: Context<AppEnv>) => {
    const found = await ui.assets(new Request(new URL(path, c.req.url), toConditions(c)));
    if (found.status === 404)
      throw new Problem('not-found', { detail: 'There is no resource at this path.' });
    const served = new Response(found.body, found);
    served.headers.set('Cache-Control', cacheControl);
    return served;
  };
  // Their links are relative, to hold below any path of a proxy, and so they have to stand at one place.
  const servePage = (path: string) => async (c: Context<AppEnv>) => {
    const { pathname, search } = new URL(c.req.url);
    return pathname.endsWith('/')
      ? c.redirect(`../${path}${search}`, 308)
      : serve(`/${path}.html`, 'no-cache')(c);
  };
  app.get('/panel', servePage('panel'));
  app.get('/docs', servePage('docs'));
  app.get('/panel/config.json', (c) => c.json(ui.panel, 200, { 'Cache-Control': 'no-store' }));
  // Asset names change with their content.
  const immutable = 'public, max-age=31536000, immutable';
  app.get('/assets/:file{[\\w-][\\w.-]*}', (c) => serve(c.req.path, immutable)(c));
}

/** Passes on only headers that negotiate and validate a file; credentials do not reach it. */
function toConditions({ req }: Context): RequestInit {
  const names = ['Accept-Encoding', 'If-None-Match'];
  const conditions = names.flatMap((name) => {
    const value = req.header(name);
    return value === undefined ? [] : [[name, value] as [string, string]];
  });
  return { headers: conditions };
}
