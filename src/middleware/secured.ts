/** Security of an operation: authenticates, checks scope and rate, and opens the request's context. */
import type { Context, MiddlewareHandler } from 'hono';
import type { LinkCredentials } from '../auth/authenticate.ts';
import { requireScope } from '../auth/caller.ts';
import { AuthError } from '../auth/failure.ts';
import type { Scope } from '../auth/scopes.ts';
import type { ProblemSlug } from '../problem/types.ts';
import type { Services } from '../services.ts';
import type { AppEnv } from './app-env.ts';
import { type ContextServices, openContext } from './request-context.ts';

/** Declares and enforces the scope of an operation: spread the result into the route. */
export type Secured = (scope: Scope, options?: SecuredOptions) => SecuredRoute;

interface SecuredOptions {
  /** Accepts audio links, which it reads from the URL. */
  readonly link?: (c: Context<AppEnv>) => LinkCredentials | null;
  /**
   * True if the handler checks that a narrowed token may access what the request names; other operations reject such
   * tokens.
   */
  readonly checksReach?: boolean;
}

interface SecuredRoute {
  readonly security: Record<string, string[]>[];
  readonly middleware: MiddlewareHandler<AppEnv>;
}

/** Problems that security adds to an operation; two credentials in one request are `invalid-request`. */
export const accessProblems = [
  'invalid-request',
  'credentials-missing',
  'credentials-rejected',
  'invalid-token',
  'insufficient-scope',
  'account-not-allowed',
  'resource-not-allowed',
  'too-many-requests',
  'identity-provider-unavailable',
] as const satisfies ProblemSlug[];

/** Runs before validation, so that a caller without access learns nothing about an operation's parameters. */
export function createSecured(services: ContextServices & Pick<Services, 'authenticate'>): Secured {
  return (scope, { link, checksReach = false } = {}) => ({
    security: [{ basic: [] }, { bearer: [] }, { oauth2: [scope] }, ...(link ? [{ audioLink: [] }] : [])],
    middleware: async (c, next) => {
      const caller = await services.authenticate(c.req.raw.headers, link?.(c));
      requireScope(caller, scope);
      if (caller.narrowing && !checksReach) throw new AuthError({ kind: 'resource-not-allowed' });
      const { context, end } = await openContext(c, services, caller);
      c.set('context', context);
      await next();
      await end();
    },
  });
}
