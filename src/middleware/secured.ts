/** What every resource is given to add its operations to the application. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import type { LinkCredentials } from '../auth/authenticate.ts';
import { type Caller, requireScope } from '../auth/caller.ts';
import type { Scope } from '../auth/scopes.ts';
import type { CallContext } from '../legacy/call/context.ts';
import type { CallRecord } from '../legacy/call/trace.ts';
import type { ProblemSlug } from '../problem/types.ts';
import type { Services } from '../services.ts';
import { enforceRate } from './rate-limit.ts';

/** All that a request carries along; `problem` is what it was answered with, `caller` is there only behind an operation's security. */
export interface AppEnv {
  Variables: { requestId: string; caller: Caller; calls: CallRecord; problem: ProblemSlug };
}

export type App = OpenAPIHono<AppEnv>;

export interface Gateway extends Services {
  readonly app: App;
  /** Declares and enforces that an operation needs a scope: spread it into the route. */
  readonly requires: (scope: Scope, options?: RequireOptions) => Requirement;
}

export interface RequireOptions {
  /** Lets audio links in: reads one out of a URL that has one. */
  readonly link?: (c: Context<AppEnv>) => LinkCredentials | null;
  /** False where the legacy service is never asked, so that success says nothing about the keys. */
  readonly asksLegacy?: boolean;
}

export interface Requirement {
  readonly security: Record<string, string[]>[];
  readonly middleware: MiddlewareHandler<AppEnv>;
}

/** What an operation with security can end with because of it; two credentials at once are `invalid-request`. */
export const accessProblems = [
  'invalid-request',
  'credentials-missing',
  'credentials-rejected',
  'invalid-token',
  'insufficient-scope',
  'too-many-requests',
  'identity-provider-unavailable',
] as const satisfies ProblemSlug[];

type Access = Pick<Services, 'authenticate' | 'rateLimit' | 'loginThrottle' | 'clientAddress'>;

/** What a call to the legacy needs of a request behind an operation's security. */
export function toCallContext(c: Context<AppEnv>): CallContext {
  return { credentials: c.get('caller').credentials, signal: c.req.raw.signal, ...c.get('calls') };
}

/** Runs before the input is looked at: who may not do a thing learns nothing about its parameters. */
export function createSecured(services: Access): Gateway['requires'] {
  const { authenticate, rateLimit, loginThrottle, clientAddress } = services;

  return (scope, { link, asksLegacy = true } = {}) => ({
    security: [{ basic: [] }, { bearer: [] }, { oauth2: [scope] }, ...(link ? [{ audioLink: [] }] : [])],
    middleware: async (c, next) => {
      const caller = await authenticate(c.req.raw.headers, link?.(c));
      requireScope(caller, scope);
      await enforceRate(rateLimit, caller.subject);
      c.set('caller', caller);
      // Only Basic brings keys that nobody has looked at yet.
      if (caller.authMethod !== 'basic' || !asksLegacy) return await next();
      const login = { address: clientAddress(c.req.raw), accountId: caller.accountId };
      const call = async () => {
        await next();
        if (c.error) throw c.error;
      };
      await loginThrottle(login, call).catch((error) => {
        // What the operation threw has its answer already.
        if (error !== c.error) throw error;
      });
    },
  });
}
