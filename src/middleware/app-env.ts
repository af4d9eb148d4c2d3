/** The values that each request carries through the application. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { StoreResult } from '../audio/cache/audio-cache.ts';
import type { RequestContext } from '../auth/request-context.ts';
import type { TraceContext } from '../http/trace-context.ts';
import type { CallTrace } from '../legacy/call/trace.ts';
import type { ProblemSlug } from '../problem/types.ts';

export interface AppEnv {
  Variables: {
    requestId: string;
    trace: CallTrace;
    traceContext: TraceContext;
    /** Set by an operation's security. */
    context: RequestContext;
    /** The problem that the response reports. */
    problem: ProblemSlug;
    /** The reason for rejected access, for the log only. */
    reason: string;
    /** Result of the lookup in the audio store. */
    storeResult: StoreResult;
  };
}

export type App = OpenAPIHono<AppEnv>;
