/** Security of an operation: authenticates, checks the scope and the rate, and makes the request's context. */
import type { Context, MiddlewareHandler } from 'hono';
import type { LinkCredentials } from '../auth/authenticate.ts';
import { type Caller, requireScope } from '../auth/caller.ts';
import type { RequestContext } from '../auth/request-context.ts';
import type { Scope } from '../auth/scopes.ts';
import type { ProblemSlug } from '../problem/types.ts';
import type { Services } from '../services.ts';
import type { AppEnv } from './app-env.ts';
import { enforceRate } from './rate-limit.ts';

/** Declares and enforces that an operation needs a scope: spread the result into the route. */
export type Secured = (scope: Scope, options?: SecuredOptions) => SecuredRoute;

export interface SecuredOptions {
  /** Accepts audio links: reads one out of a URL that has one. */
  readonly link?: (c: Context<AppEnv>) => LinkCredentials | null;
  /** False where the legacy service is never asked, so that success says nothing about the keys. */
  readonly asksLegacy?: boolean;
}

export interface SecuredRoute {
  readonly security: Record<string, string[]>[];
  readonly middleware: MiddlewareHandler<AppEnv>;
}

/** Problems that security adds to an operation; two credentials at once are `invalid-request`. */
export const accessProblems = [
  'invalid-request',
  'credentials-missing',
  'credentials-rejected',
  'invalid-token',
  'insufficient-scope',
  'account-not-allowed',
  'too-many-requests',
  'identity-provider-unavailable',
] as const satisfies ProblemSlug[];

type Access = Pick<Services, 'authenticate' | 'rateLimit' | 'loginThrottle' | 'clientAddress'>;

/** Runs before validation: a caller without access learns nothing about an operation's parameters. */
export function createSecured(services: Access): Secured {
  const { authenticate, rateLimit, loginThrottle, clientAddress } = services;

  return (scope, { link, asksLegacy = true } = {}) => ({
    security: [{ basic: [] }, { bearer: [] }, { oauth2: [scope] }, ...(link ? [{ audioLink: [] }] : [])],
    middleware: async (c, next) => {
      const caller = await authenticate(c.req.raw.headers, link?.(c));
      requireScope(caller, scope);
      await enforceRate(rateLimit, caller.subject);
      // Only Basic brings keys that were never verified.
      const isUnknown = caller.authMethod === 'basic' && asksLegacy;
      const login = { address: clientAddress(c.req.raw), accountId: caller.accountId };
      const attempt = isUnknown ? loginThrottle(login) : null;
      c.set('context', toContext(c, caller, attempt?.record));
      await next();
      attempt?.end();
    },
  });
}

export function toContext(
  c: Context<AppEnv>,
  caller: Caller,
  onOutcome?: RequestContext['onOutcome'],
): RequestContext {
  const { signal } = c.req.raw;
  return { caller, signal, trace: c.get('trace'), traceparent: c.get('traceparent'), onOutcome };
}
