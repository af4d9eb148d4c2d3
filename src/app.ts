/** The application: what every request passes through, and the resources. */
import { OpenAPIHono } from '@hono/zod-openapi';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { fromError } from './problem/from-error.ts';
import { Problem, toResponse } from './problem/problem.ts';
import { addAudio } from './routes/audio.ts';
import { type App, type AppEnv, createRequires } from './routes/gateway.ts';
import { refuseInvalid } from './routes/input-errors.ts';
import { addRecordings } from './routes/recordings.ts';
import { addService } from './routes/service.ts';
import { addUploads } from './routes/uploads.ts';
import type { Services } from './services.ts';

/** In bytes; documented with `uri-too-long`. */
const maxTarget = 8192;

export function createApp(services: Services): App {
  const app: App = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid });

  app.use(requestId());
  app.use(secureHeaders({ crossOriginResourcePolicy: 'cross-origin' }));
  app.use(async (c, next) => {
    if (c.req.url.length > maxTarget) {
      throw new Problem('uri-too-long', { detail: `A URL has at most ${maxTarget} bytes.` });
    }
    await next();
    // Workers Caching keeps a 200 without Cache-Control for two hours.
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'private, no-store');
  });
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const headers = [['Allow', methods.join(', ')]] as const;
        throw new Problem('method-not-allowed', {
          detail: `${c.req.method} is not supported here.`,
          headers,
        });
      },
    }),
  );

  const gateway = { ...services, app, requires: createRequires(services) };
  addRecordings(gateway);
  addAudio(gateway);
  addUploads(gateway);
  addService(gateway);

  app.notFound(() => {
    throw new Problem('not-found', { detail: 'There is nothing at this path.' });
  });
  app.onError((error, c) => {
    const requestId = c.get('requestId');
    const problem = fromError(error, { caller: c.get('caller'), bearer: services.bearer });
    if (problem.slug === 'internal-error') {
      services.log({ level: 'error', request_id: requestId, error: error.name });
    }
    return toResponse(problem, { requestId, path: c.req.path });
  });
  return app;
}
