/** Security headers: strict ones for data, and a policy for the pages of the panel and the reference. */
import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { AppEnv } from './app-env.ts';

type Headers = NonNullable<Parameters<typeof secureHeaders>[0]>;

/** For data: browsers must not run, frame, sniff or embed it. */
const forData: Headers = {
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  // A page on a sibling host could learn from <audio> whether a recording exists: browsers add remembered Basic
  // keys.
  crossOriginResourcePolicy: 'same-origin',
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  // For this host only; the operator decides about other hosts of the domain.
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
  // `blob:` for gateways without audio links, where the panel fetches the audio that it plays.
  mediaSrc: [...self, 'blob:'],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

const panelPolicy = { ...pagePolicy, requireTrustedTypesFor: ["'script'"] };

/** Scalar adds `<style>` elements and `style` attributes at run time, and its icons are `data:` URLs. */
const docsPolicy = {
  ...pagePolicy,
  styleSrc: [...self, "'unsafe-inline'"],
  imgSrc: [...self, 'data:'],
};

/** `hasPages`: whether the gateway serves the panel and the reference. */
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
    // The link is the credential, so players on any page may load the audio.
    const isLinked = c.get('context')?.caller.authMethod === 'link';
    if (isLinked) c.res.headers.set('Cross-Origin-Resource-Policy', 'cross-origin');
  };
}
