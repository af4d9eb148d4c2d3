/** Security headers: strict ones for data, and those of a page for the panel and the reference. */
import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { AppEnv } from './app-env.ts';

type Headers = NonNullable<Parameters<typeof secureHeaders>[0]>;

/** Responses with data: nothing in them is run, framed, sniffed or embedded. */
const forData: Headers = {
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  // A page of a sibling host could learn from <audio> whether a recording exists: browsers add remembered Basic keys.
  crossOriginResourcePolicy: 'same-origin',
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  // Of this host alone: the operator decides about others below the domain.
  strictTransportSecurity: 'max-age=31536000',
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xFrameOptions: 'DENY',
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
};

const self = ["'self'"];

const pagePolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: self,
  styleSrc: self,
  imgSrc: self,
  fontSrc: self,
  connectSrc: self,
  // `blob:` where the gateway issues no audio links, so that the page fetches what it plays.
  mediaSrc: [...self, 'blob:'],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

const panelPolicy = { ...pagePolicy, requireTrustedTypesFor: ["'script'"] };

/** Scalar writes `<style>` elements and `style` attributes as it runs, and its icons are `data:` URLs. */
const docsPolicy = {
  ...pagePolicy,
  styleSrc: [...self, "'unsafe-inline'"],
  imgSrc: [...self, 'data:'],
};

/** `hasPages`: whether there are a panel and a reference. */
export function createSecurityHeaders(hasPages: boolean): MiddlewareHandler<AppEnv> {
  const strict = { ...forData, crossOriginOpenerPolicy: 'same-origin' } as const;
  const addForData = secureHeaders(forData);
  const pages: ReadonlyMap<string, MiddlewareHandler> = new Map([
    ['/panel', secureHeaders({ ...strict, contentSecurityPolicy: panelPolicy })],
    ['/docs', secureHeaders({ ...strict, contentSecurityPolicy: docsPolicy })],
  ]);
  return async (c, next) => {
    const add = (hasPages && pages.get(c.req.path)) || addForData;
    await add(c, next);
    // The link is the credential, and a player on any page may have it.
    const isLinked = c.get('context')?.caller.authMethod === 'link';
    if (isLinked) c.res.headers.set('Cross-Origin-Resource-Policy', 'cross-origin');
  };
}
