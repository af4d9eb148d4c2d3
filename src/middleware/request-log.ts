/** One event a request, made of fields that cannot hold a secret: names from our own lists, numbers, digests. */
import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { parseTraceContext } from '../http/trace-context.ts';
import { type CallTrace, createCallTrace } from '../legacy/call/trace.ts';
import type { Platform } from '../services.ts';
import type { App, AppEnv } from './app-env.ts';
import { legacyProblem } from './errors/legacy.ts';

export interface RequestLogOptions {
  /** Whose operations have names. */
  readonly app: App;
  readonly log: Platform['log'];
  readonly waitUntil: Platform['waitUntil'];
  /** Takes each event too, with its request; null without an audit trail. */
  readonly audit: ((c: Context<AppEnv>, event: RequestEvent) => void) | null;
}

/** All times in milliseconds. */
export interface RequestEvent {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: 'request';
  readonly time: string;
  readonly request_id: string;
  /** Of W3C Trace Context, where the request is part of a trace. */
  readonly trace_id: string | null;
  /** Null where there is no such operation. */
  readonly operation: string | null;
  readonly method: string;
  readonly status: number;
  /** The slug of the problem that was answered. */
  readonly problem: string | null;
  /** That of the problem that broke an answer off which had begun: it can be told to nobody else. */
  readonly stream_error: string | null;
  /** The account's accountId. */
  readonly caller: string | null;
  readonly auth_method: string | null;
  /** Until the response began: time to first byte. */
  readonly ttfb_ms: number;
  /** Until its last byte had come from the legacy. */
  readonly duration_ms: number;
  readonly legacy: {
    readonly attempts: number;
    readonly status: number | null;
    readonly duration_ms: number;
    /** Read of its answers. */
    readonly bytes: number;
    /** Of these, what was discarded to reach a range. */
    readonly skipped_bytes: number;
    /** Repaired characters and left-out records in its responses. */
    readonly repairs: number;
  } | null;
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Has to come first, so that it sees every answer. Adds `Server-Timing` with the legacy's share. */
export function createRequestLog({
  app,
  log,
  waitUntil,
  audit,
}: RequestLogOptions): MiddlewareHandler<AppEnv> {
  let names: ReadonlyMap<string, string> | undefined;

  return async (c, next) => {
    const startedAt = performance.now();
    const trace = createCallTrace();
    c.set('trace', trace);
    c.set('traceContext', parseTraceContext(c.req.raw.headers));
    await next();
    const ttfbMs = round(performance.now() - startedAt);
    // Not by c.header, which takes an answer apart and makes it anew.
    if (trace.attempts > 0) c.res.headers.set('Server-Timing', `legacy;dur=${round(trace.time)}`);
    names ??= nameOperations(app);
    const operation = toOperation(c, names);
    const emit = () => {
      const event: RequestEvent = {
        ...describe(c, trace),
        operation,
        ttfb_ms: ttfbMs,
        duration_ms: round(performance.now() - startedAt),
        legacy:
          trace.attempts > 0
            ? {
                attempts: trace.attempts,
                status: trace.status,
                duration_ms: round(trace.time),
                bytes: trace.bytes,
                skipped_bytes: trace.skippedBytes,
                repairs: trace.repairs,
              }
            : null,
      };
      log({ ...event });
      audit?.(c, event);
    };
    if (trace.open === 0) return emit();
    // What is passed on while it arrives is told of when it has arrived, or has broken.
    waitUntil(
      new Promise<void>((resolve) => {
        trace.onEnd = () => {
          trace.onEnd = null;
          emit();
          resolve();
        };
      }),
    );
  };
}

function describe(c: Context<AppEnv>, trace: CallTrace) {
  const { status } = c.res;
  const streamError = trace.streamError && legacyProblem(trace.streamError).slug;
  const isOurs = status === 500;
  const isTrouble = status > 500 || (streamError !== null && streamError !== 'client-closed-request');
  const caller = c.get('context')?.caller;
  return {
    level: isOurs ? 'error' : isTrouble ? 'warn' : 'info',
    event: 'request',
    time: new Date().toISOString(),
    request_id: c.get('requestId'),
    trace_id: c.get('traceContext').traceparent?.slice(3, 35) ?? null,
    method: methods.has(c.req.method) ? c.req.method : 'other',
    status,
    problem: c.get('problem') ?? null,
    stream_error: streamError,
    caller: caller?.accountId ?? null,
    auth_method: caller?.authMethod ?? null,
  } as const;
}

/** By method and path, as routes write them. */
function nameOperations(app: App): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route' || !definition.route.operationId) continue;
    const { method, path, operationId } = definition.route;
    names.set(`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`, operationId);
  }
  return names;
}

function toOperation(c: Context<AppEnv>, names: ReadonlyMap<string, string>): string | null {
  // Hono answers HEAD with the handler of GET.
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
  const path = matchedRoutes(c).findLast((route) => names.has(`${method} ${route.path}`))?.path;
  return names.get(`${method} ${path}`) ?? null;
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
