/** Exports: jobs that copy recordings into the bucket of the operator. */
import { createRoute, z } from '@hono/zod-openapi';
import { AuthError } from '../auth/failure.ts';
import type { RequestContext } from '../auth/request-context.ts';
import { assertReach } from '../exports/access.ts';
import type { Exports } from '../exports/exports.ts';
import { maxIdempotencyKey, parseIdempotencyKey } from '../http/idempotency-key.ts';
import { takesAtMost, takesOnly } from '../middleware/body.ts';
import type { Gateway } from '../middleware/gateway.ts';
import { accessProblems } from '../middleware/secured.ts';
import { headers, legacyProblems, problemResponses, requestHeaders, sometimes } from '../openapi/schemas.ts';
import { Problem } from '../problem/problem.ts';
import type { Services } from '../services.ts';
import {
  ExportListSchema,
  ExportRequestSchema,
  ExportSchema,
  emptyQuery,
  exportIdParameter,
  toExport,
  toExportRequest,
  toRetryAfter,
} from './export-schemas.ts';

/** In bytes. */
const maxBody = 64 * 1024;

const limitError = 'must be a whole number from 1 to 100';

/** The problems of every operation on exports. */
export const exportProblems = [
  ...accessProblems,
  'exports-not-configured',
  'store-unavailable',
  ...legacyProblems,
] as const;

/** Without exports, throws AuthError for a narrowed token and Problem for any other caller. */
export function requireExports({ exports, exportsMissing }: Services, { caller }: RequestContext): Exports {
  if (exports) return exports;
  if (caller.narrowing) throw new AuthError({ kind: 'resource-not-allowed' });
  throw new Problem('exports-not-configured', {
    detail: `This gateway has no exports. Its operator must configure: ${exportsMissing.join('; ')}.`,
  });
}

/** Throws Problem. */
function readIdempotencyKey(header: string | undefined): string | null {
  const key = header === undefined ? null : parseIdempotencyKey(header);
  if (header === undefined || key !== null) return key;
  const detail = `must be one string of 1 to ${maxIdempotencyKey} ASCII characters in quotation marks`;
  throw new Problem('invalid-request', {
    detail: 'The Idempotency-Key is invalid.',
    errors: [{ parameter: 'Idempotency-Key', detail }],
  });
}

export function addExports(gateway: Gateway): void {
  const { app, secured } = gateway;
  const write = secured('exports:write', { checksReach: true });
  const read = secured('exports:read', { checksReach: true });

  app.openapi(
    createRoute({
      operationId: 'createExport',
      method: 'post',
      path: '/exports',
      tags: ['Exports'],
      summary: 'Create an export',
      description:
        'Starts a job that copies every recording of the sources into the bucket of the operator, verified and with metadata. An account has one running export at a time.',
      security: write.security,
      middleware: [write.middleware, takesOnly('application/json'), takesAtMost(maxBody)] as const,
      parameters: requestHeaders('Idempotency-Key'),
      request: {
        query: emptyQuery,
        body: {
          required: true,
          description: 'The recordings to export.',
          content: { 'application/json': { schema: ExportRequestSchema } },
        },
      },
      responses: {
        202: {
          description: 'The export is accepted. Follow it at `Location`.',
          headers: headers('Location', 'Retry-After'),
          content: { 'application/json': { schema: ExportSchema } },
        },
        ...problemResponses(
          ...exportProblems,
          'export-running',
          'content-too-large',
          'unsupported-media-type',
          'idempotency-key-reused',
        ),
      },
    }),
    async (c) => {
      const request = toExportRequest(c.req.valid('json'));
      const context = c.get('context');
      assertReach(request, context.caller);
      const exports = requireExports(gateway, { ...context, caller: { ...context.caller, narrowing: null } });
      const key = readIdempotencyKey(c.req.header('Idempotency-Key'));
      const state = await exports.create(request, key, context);
      const more = {
        Location: `${gateway.basePath}/exports/${state.id}`,
        'Retry-After': '5',
        ...toRetryAfter(state),
      };
      return c.json(toExport(state), 202, more);
    },
  );

  app.openapi(
    createRoute({
      operationId: 'listExports',
      method: 'get',
      path: '/exports',
      tags: ['Exports'],
      summary: 'List exports',
      description: 'Lists the exports of the account, newest first.',
      ...secured('exports:read'),
      request: {
        query: z.strictObject({
          limit: z
            .string()
            .regex(/^\d{1,3}$/, limitError)
            .transform(Number)
            .pipe(z.int().min(1, limitError).max(100, limitError))
            .optional()
            .openapi({
              param: { description: 'The largest number of exports.' },
              type: 'integer',
              format: 'int32',
              minimum: 1,
              maximum: 100,
              default: 20,
              example: 20,
            }),
        }),
      },
      responses: {
        200: { description: 'The exports.', content: { 'application/json': { schema: ExportListSchema } } },
        ...problemResponses(...exportProblems),
      },
    }),
    async (c) => {
      const { limit = 20 } = c.req.valid('query');
      const context = c.get('context');
      const states = await requireExports(gateway, context).list(limit, context);
      return c.json({ exports: states.map(toExport) }, 200);
    },
  );

  app.openapi(
    createRoute({
      operationId: 'getExport',
      method: 'get',
      path: '/exports/{export_id}',
      tags: ['Exports'],
      summary: 'Get an export',
      description:
        'Returns the status and the progress. While the export runs, poll no sooner than `Retry-After`, or use `getExportEvents`.',
      ...read,
      request: { params: exportIdParameter, query: emptyQuery },
      responses: {
        200: {
          description: 'The export.',
          headers: sometimes('Retry-After'),
          content: { 'application/json': { schema: ExportSchema } },
        },
        ...problemResponses(...exportProblems, 'export-not-found'),
      },
    }),
    async (c) => {
      const { export_id } = c.req.valid('param');
      const context = c.get('context');
      const state = await requireExports(gateway, context).find(export_id, context);
      return c.json(toExport(state), 200, toRetryAfter(state));
    },
  );
}
