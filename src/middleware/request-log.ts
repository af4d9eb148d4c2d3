/** Logs one event per request. Its fields cannot hold a secret: names from our own lists, numbers, digests. */
import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { StoreResult } from '../audio/cache/audio-cache.ts';
import { parseTraceContext } from '../http/trace-context.ts';
import { type CallTrace, createCallTrace } from '../legacy/call/trace.ts';
import type { Platform } from '../services.ts';
import type { App, AppEnv } from './app-env.ts';
import { legacyProblem } from './errors/legacy.ts';
import { type LogDigests, toLogDigests } from './log-digests.ts';

export interface RequestLogOptions {
  /** The application, whose operations are named. */
  readonly app: App;
  readonly log: Platform['log'];
  readonly waitUntil: Platform['waitUntil'];
  readonly clientAddress: Platform['clientAddress'];
  readonly activeTraceId: Platform['activeTraceId'];
  /** Receives each event with its request; null without an audit trail. */
  readonly audit: ((c: Context<AppEnv>, event: RequestEvent) => void) | null;
}

/** All times in milliseconds. */
export interface RequestEvent extends LogDigests {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: 'request';
  readonly time: string;
  readonly request_id: string;
  /** From the incoming trace context, otherwise from the trace that this process started. */
  readonly trace_id: string | null;
  /** Null if there is no such operation. */
  readonly operation: string | null;
  readonly method: string;
  readonly status: number;
  /** Slug of the problem in the response. */
  readonly problem: string | null;
  /** The reason for rejected access, more detailed than in the response; null otherwise. */
  readonly reason: string | null;
  /** Slug of the problem that interrupted a started response, which the client cannot see. */
  readonly stream_error: string | null;
  /** The account's accountId. */
  readonly caller: string | null;
  /** The caller within the account: a digest of a JWT's subject or of an audio link, otherwise of the account. */
  readonly subject: string | null;
  readonly auth_method: string | null;
  /** Result of the lookup in the audio store; null without one. */
  readonly store: StoreResult | null;
  /** Time to first byte. */
  readonly ttfb_ms: number;
  /** Until the last byte arrived from the legacy service. */
  readonly duration_ms: number;
  readonly legacy: {
    readonly attempts: number;
    readonly status: number | null;
    readonly duration_ms: number;
    /** Bytes read from the legacy service's responses. */
    readonly bytes: number;
    /** Of these, bytes discarded to reach a range. */
    readonly skipped_bytes: number;
    /** Repaired characters and omitted records in those responses. */
    readonly repairs: number;
  } | null;
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Must be registered first, to see every response. Adds `Server-Timing` with the legacy service's share. */
export function createRequestLog({
  app,
  log,
  waitUntil,
  audit,
  clientAddress,
  activeTraceId,
}: RequestLogOptions): MiddlewareHandler<AppEnv> {
  let names: ReadonlyMap<string, string> | undefined;

  return async (c, next) => {
    const startedAt = performance.now();
    // Middleware that reads a body or changes a URL replaces the request, and the runtime knows the address of this one.
    const { raw } = c.req;
    const trace = createCallTrace();
    c.set('trace', trace);
    const traceContext = parseTraceContext(c.req.raw.headers);
    c.set('traceContext', traceContext);
    const traceId = traceContext.traceparent?.slice(3, 35) ?? activeTraceId();
    await next();
    const ttfbMs = round(performance.now() - startedAt);
    // Not c.header(), which rebuilds the response.
    if (trace.attempts > 0) c.res.headers.set('Server-Timing', `legacy;dur=${round(trace.time)}`);
    names ??= nameOperations(app);
    const operation = toOperation(c, names);
    const digests = await toLogDigests(c, operation, () => clientAddress(raw));
    const emit = () => {
      const event: RequestEvent = {
        ...describe(c, trace),
        ...digests,
        trace_id: traceId,
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
    // Logs a streamed response when it ends or is interrupted.
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
    method: methods.has(c.req.method) ? c.req.method : 'other',
    status,
    problem: c.get('problem') ?? null,
    reason: c.get('reason') ?? null,
    stream_error: streamError,
    caller: caller?.accountId ?? null,
    subject: caller?.subject ?? null,
    store: c.get('storeResult') ?? null,
    auth_method: caller?.authMethod ?? null,
  } as const;
}

/** By method and path, in the routes' notation. */
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
  // Hono handles HEAD with the handler of GET.
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
  const path = matchedRoutes(c).findLast((route) => names.has(`${method} ${route.path}`))?.path;
  return names.get(`${method} ${path}`) ?? null;
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
