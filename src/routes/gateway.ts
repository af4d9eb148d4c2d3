/** What every resource is given to add its operations to the application. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { type Caller, requireScope } from '../auth/caller.ts';
import type { Scope } from '../auth/scopes.ts';
import type { Services } from '../services.ts';

/** All that a request carries along; `caller` only behind an operation's security. */
export interface AppEnv {
  Variables: { requestId: string; caller: Caller };
}

export type App = OpenAPIHono<AppEnv>;

export interface Gateway extends Services {
  readonly app: App;
  /** Declares and enforces that an operation needs a scope: spread it into the route. */
  readonly requires: (scope: Scope) => Requirement;
}

export interface Requirement {
  readonly security: Record<string, string[]>[];
  readonly middleware: MiddlewareHandler<AppEnv>;
}

/** Runs before the input is looked at: who may not do a thing learns nothing about its parameters. */
export function createRequires({ authenticate }: Pick<Services, 'authenticate'>): Gateway['requires'] {
  return (scope) => ({
    security: [{ basic: [] }],
    middleware: async (c, next) => {
      const caller = await authenticate(c.req.raw.headers);
      requireScope(caller, scope);
      c.set('caller', caller);
      await next();
    },
  });
}
