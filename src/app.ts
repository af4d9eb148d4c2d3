/** The application: the middleware of every request, and the resources. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { AuthError, toReason } from './auth/failure.ts';
import { createRequestPath, withoutBase } from './http/request-path.ts';
import type { App, AppEnv } from './middleware/app-env.ts';
import { createAudit } from './middleware/audit.ts';
import { createCors } from './middleware/cors.ts';
import { fromError } from './middleware/errors/from-error.ts';
import type { Gateway } from './middleware/gateway.ts';
import { createRequestLog } from './middleware/request-log.ts';
import { createSecured } from './middleware/secured.ts';
import { createSecurityHeaders } from './middleware/security-headers.ts';
import { refuseInvalid } from './middleware/validation.ts';
import { type Occurrence, Problem, toResponse } from './problem/problem.ts';
import { addAudio } from './routes/audio.ts';
import { addAudioLinks } from './routes/audio-links.ts';
import { addExportActions } from './routes/export-actions.ts';
import { addExportFiles } from './routes/export-files.ts';
import { addExports } from './routes/exports.ts';
import { addHealth } from './routes/health.ts';
import { addPages } from './routes/pages.ts';
import { addRecording } from './routes/recording.ts';
import { addRecordings } from './routes/recordings.ts';
import { addService } from './routes/service.ts';
import { addStaged } from './routes/staged.ts';
import { addToken } from './routes/token.ts';
import { addUploadAudio } from './routes/upload-audio.ts';
import { addUploads } from './routes/uploads.ts';
import type { Services } from './services.ts';
import { describeCause, StoreError } from './store/failure.ts';

/** In bytes; documented with `uri-too-long`. */
const maxTarget = 8192;

export function createApp(services: Services): App {
  const { log, waitUntil, audit, basePath, clientAddress, activeTraceId } = services;
  const getPath = createRequestPath(basePath);
  const app: App = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid, getPath });
  const occurrence = (c: Context<AppEnv>): Occurrence => ({
    requestId: c.get('requestId'),
    basePath,
    path: toShownPath(c, basePath),
  });

  app.use(requestId({ headerName: services.requestIdHeader ?? '' }));
  app.use(
    createRequestLog({
      app,
      log,
      waitUntil,
      clientAddress,
      activeTraceId,
      audit: audit && createAudit(audit),
    }),
  );
  app.use(createSecurityHeaders(services.ui !== null));
  app.use(async (c, next) => {
    await next();
    c.res.headers.set('X-Request-Id', c.get('requestId'));
    // Workers Caching keeps a 200 without Cache-Control for two hours.
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'private, no-store');
  });
  if (services.corsOrigins) app.use(createCors(services.corsOrigins));
  app.use(async (c, next) => {
    const isTooLong = c.req.url.length > maxTarget;
    if (isTooLong) throw new Problem('uri-too-long', { detail: `A URL has at most ${maxTarget} bytes.` });
    await next();
  });
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const headers = [['Allow', methods.join(', ')]] as const;
        throw new Problem('method-not-allowed', {
          detail: `The resource does not support ${c.req.method}.`,
          headers,
        });
      },
    }),
  );

  const gateway: Gateway = { ...services, app, secured: createSecured(services) };
  addRecordings(gateway);
  addRecording(gateway);
  addAudio(gateway);
  addAudioLinks(gateway);
  addUploads(gateway);
  addToken(gateway);
  addUploadAudio(gateway);
  addStaged(gateway);
  addExports(gateway);
  addExportActions(gateway);
  addExportFiles(gateway);
  addHealth(gateway);
  addService(gateway);
  addPages(gateway);

  // Return the 404 instead of throwing it: methodNotAllowed() treats a thrown 404 as the handler's.
  app.notFound((c) => {
    c.set('problem', 'not-found');
    return toResponse(
      new Problem('not-found', { detail: 'There is no resource at this path.' }),
      occurrence(c),
    );
  });
  app.onError((error, c) => {
    const ways = { bearer: services.bearer, basic: services.acceptsKeys };
    const problem = fromError(error, { caller: c.get('context')?.caller, ways });
    if (problem.slug === 'internal-error') {
      const event = { level: 'error', event: 'failure', time: new Date().toISOString() };
      services.log({ ...event, request_id: c.get('requestId'), error: error.name });
    }
    if (error instanceof StoreError) {
      const cause = describeCause(error.cause);
      services.log({ level: 'warn', event: 'store-failed', request_id: c.get('requestId'), error: cause });
    }
    if (error instanceof AuthError) c.set('reason', toReason(error.failure));
    else if (problem.slug === 'credentials-rejected') c.set('reason', problem.slug);
    c.set('problem', problem.slug);
    return toResponse(problem, occurrence(c));
  });
  return app;
}

/** The path for responses, without the token of staged audio, which is its credential. */
function toShownPath({ req }: Context, basePath: string): string {
  // Compared as it was routed, since `/%73taged` is routed as `/staged`.
  if (req.path.startsWith('/staged/')) return '/staged';
  // URLs tolerate a percent sign that starts no escape; URIs do not.
  return withoutBase(new URL(req.url).pathname, basePath).replace(/%(?![0-9A-Fa-f]{2})/g, '%25');
}
