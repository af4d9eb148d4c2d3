/** Changes to an export after its creation: pause, resume, cancel, retry, and the deletion of the originals. */
import { createRoute } from '@hono/zod-openapi';
import type { RequestContext } from '../auth/request-context.ts';
import type { Scope } from '../auth/scopes.ts';
import type { Exports } from '../exports/exports.ts';
import type { ExportState } from '../exports/state.ts';
import { isFromOtherSite } from '../http/origins.ts';
import type { Gateway } from '../middleware/gateway.ts';
import { headers, problemResponses } from '../openapi/schemas.ts';
import { Problem } from '../problem/problem.ts';
import { ExportSchema, emptyQuery, exportIdParameter, toExport, toRetryAfter } from './export-schemas.ts';
import { exportProblems, requireExports } from './exports.ts';

interface Action {
  readonly operationId: string;
  /** Of the path. */
  readonly name: string;
  readonly scope: Scope;
  readonly summary: string;
  readonly description: string;
  readonly run: (exports: Exports, id: string, context: RequestContext) => Promise<ExportState>;
}

const actions: readonly Action[] = [
  {
    operationId: 'pauseExport',
    name: 'pause',
    scope: 'exports:write',
    summary: 'Pause an export',
    description:
      'Stops the export after the recordings that are being copied. A paused export allows another one to run.',
    run: (exports, id, context) => exports.pause(id, context),
  },
  {
    operationId: 'resumeExport',
    name: 'resume',
    scope: 'exports:write',
    summary: 'Resume an export',
    description:
      'Continues an export that is paused or failed, with the keys of this request; rotated keys of the same account are accepted. Also restarts an export, or a deletion, whose engine was lost.',
    run: (exports, id, context) => exports.resume(id, context),
  },
  {
    operationId: 'cancelExport',
    name: 'cancel',
    scope: 'exports:write',
    summary: 'Cancel an export',
    description:
      'Ends the export, or the deletion that follows it, permanently. Copies stay in the bucket, and a later export finds them.',
    run: (exports, id, context) => exports.cancel(id, context),
  },
  {
    operationId: 'retryExport',
    name: 'retry',
    scope: 'exports:write',
    summary: 'Retry the failures of an export',
    description: 'Retries only the failed recordings of a completed export.',
    run: (exports, id, context) => exports.retry(id, context),
  },
  {
    operationId: 'createExportDeletion',
    name: 'deletion',
    scope: 'recordings:delete',
    summary: 'Delete the originals of an export',
    description:
      'Starts a job that deletes each recording from the legacy service after reading its copy back: an original whose copy is missing or damaged stays. `deletion` of the export has the progress; the bucket has a report of each recording. This cannot be undone.',
    run: (exports, id, context) => exports.deleteOriginals(id, context),
  },
];

export function addExportActions(gateway: Gateway): void {
  const { app, secured } = gateway;
  for (const { operationId, name, scope, summary, description, run } of actions) {
    app.openapi(
      createRoute({
        operationId,
        method: 'post',
        path: `/exports/{export_id}/${name}`,
        tags: ['Exports'],
        summary,
        description,
        ...secured(scope, { checksReach: true }),
        request: { params: exportIdParameter, query: emptyQuery },
        responses: {
          202: {
            description: 'The export after the change. Follow it at `Location`.',
            headers: headers('Location', 'Retry-After'),
            content: { 'application/json': { schema: ExportSchema } },
          },
          ...problemResponses(
            ...exportProblems,
            'cross-site-form',
            'export-not-found',
            'export-conflict',
            'export-running',
          ),
        },
      }),
      async (c) => {
        const { export_id } = c.req.valid('param');
        const context = c.get('context');
        refuseForgery(c.req.raw, context, gateway);
        const state = await run(requireExports(gateway, context), export_id, context);
        const more = {
          Location: `${gateway.basePath}/exports/${state.id}`,
          'Retry-After': '5',
          ...toRetryAfter(state),
        };
        return c.json(toExport(state), 202, more);
      },
    );
  }
}

/** A page of another site can send a form to an action, unlike JSON. Throws Problem. */
function refuseForgery(request: Request, { caller }: RequestContext, { corsOrigins }: Gateway): void {
  const isJson = /^application\/json\b/i.test(request.headers.get('Content-Type') ?? '');
  if (caller.authMethod !== 'basic' || isJson || !isFromOtherSite(request, corsOrigins)) return;
  throw new Problem('cross-site-form', {
    detail:
      'Pages of this origin may not change exports by a form: CORS_ORIGINS does not list the origin. Send the Content-Type application/json.',
  });
}
