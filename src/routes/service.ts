/** The service about itself: whether it lives, its document, and its problem types. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Gateway } from '../middleware/gateway.ts';
import { legacyProblems, problemResponses } from '../openapi/schemas.ts';
import { Problem } from '../problem/problem.ts';
import { type ProblemSlug, problemTypes } from '../problem/types.ts';

const HealthStatusSchema = z.literal('ok').openapi('HealthStatus', {
  description: 'What was asked about answers; where it does not, the answer is a problem.',
});

const HealthSchema = z
  .object({ status: HealthStatusSchema })
  .openapi('Health', { description: 'That the gateway is alive.' });

const LegacyHealthSchema = z
  .object({
    status: HealthStatusSchema,
    checked_at: z.iso.datetime().openapi({
      description: 'When the legacy service was last asked.',
      example: '2026-02-20T20:42:11.000Z',
    }),
  })
  .openapi('LegacyHealth', { description: 'That the legacy service answers.' });

const ProblemTypeSchema = z
  .object({
    type: z.string().max(100).openapi({
      format: 'uri-reference',
      description: 'The `type` of such a problem.',
      example: '/problems/recording-not-found',
    }),
    status: z
      .int()
      .min(400)
      .max(599)
      .openapi({ format: 'int32', description: 'The usual HTTP status.', example: 404 }),
    title: z
      .string()
      .max(100)
      .openapi({ description: 'The kind of problem in words.', example: 'Recording not found' }),
    description: z.string().max(500).openapi({
      description: 'What happened and what a client does about it.',
      example: problemTypes['recording-not-found'].description,
    }),
  })
  .openapi('ProblemType', { description: 'What a kind of problem means.' });

const DocumentSchema = z
  .looseObject({
    openapi: z.string().max(10).openapi({ description: 'The version of OpenAPI.', example: '3.1.0' }),
  })
  .openapi('OpenApiDocument', { description: 'An OpenAPI document.' });

/** They change with a deployment only. */
const publicCache = { 'Cache-Control': 'public, max-age=300' };
const documentHeaders = { ...publicCache, 'Content-Type': 'application/json' };

const documentContent = {
  'application/json': {
    schema: DocumentSchema,
    example: { openapi: '3.1.0', info: { title: 'Recordings gateway', version: '1.0.0' }, paths: {} },
  },
};

export function addService({ app, documents, legacyHealth }: Gateway): void {
  app.openapi(
    createRoute({
      operationId: 'getHealth',
      method: 'get',
      path: '/health',
      tags: ['Service'],
      summary: 'Tell whether the gateway is alive',
      description: 'Answers without asking the legacy service.',
      security: [],
      responses: {
        200: {
          description: 'The gateway is alive.',
          content: { 'application/json': { schema: HealthSchema, example: { status: 'ok' } } },
        },
        ...problemResponses(),
      },
    }),
    (c) => c.json({ status: 'ok' as const }, 200),
  );

  app.openapi(
    createRoute({
      operationId: 'getLegacyHealth',
      method: 'get',
      path: '/health/legacy',
      tags: ['Service'],
      summary: 'Tell whether the legacy service answers',
      description:
        'Asks it for a recording that nobody has, at most once in ten seconds; with the keys that the gateway holds, else without any.',
      security: [],
      responses: {
        200: {
          description: 'The legacy service answers.',
          content: {
            'application/json': {
              schema: LegacyHealthSchema,
              example: { status: 'ok', checked_at: '2026-02-20T20:42:11.000Z' },
            },
          },
        },
        ...problemResponses(...legacyProblems),
      },
    }),
    async (c) => {
      const { signal } = c.req.raw;
      const at = await legacyHealth.check({
        signal,
        trace: c.get('trace'),
        traceparent: c.get('traceparent'),
      });
      return c.json({ status: 'ok' as const, checked_at: new Date(at).toISOString() }, 200);
    },
  );

  app.openapi(
    createRoute({
      operationId: 'getOpenApiDocument',
      method: 'get',
      path: '/openapi.json',
      tags: ['Service'],
      summary: 'Get this document',
      description: 'The OpenAPI 3.1 description of the gateway.',
      security: [],
      responses: {
        200: { description: 'The document.', content: documentContent },
        ...problemResponses(),
      },
    }),
    async (c) => c.body((await documents()).current, 200, documentHeaders) as never,
  );

  app.openapi(
    createRoute({
      operationId: 'getOpenApi30Document',
      method: 'get',
      path: '/openapi-3.0.json',
      tags: ['Service'],
      summary: 'Get this document as OpenAPI 3.0',
      description: 'The same for tools that know no later version than OpenAPI 3.0.3.',
      security: [],
      responses: {
        200: { description: 'The document.', content: documentContent },
        ...problemResponses(),
      },
    }),
    async (c) => c.body((await documents()).older, 200, documentHeaders) as never,
  );

  app.openapi(
    createRoute({
      operationId: 'getProblemType',
      method: 'get',
      path: '/problems/{slug}',
      tags: ['Service'],
      summary: 'Explain a problem type',
      description: 'What the `type` of a problem resolves to.',
      security: [],
      request: {
        params: z.object({
          slug: z
            .string()
            .regex(/^[a-z-]{1,64}$/, 'must be 1 to 64 lower-case letters or hyphens')
            .openapi({
              param: {
                name: 'slug',
                in: 'path',
                description: 'What follows `/problems/` in the `type` of a problem.',
              },
              minLength: 1,
              maxLength: 64,
              example: 'recording-not-found',
            }),
        }),
      },
      responses: {
        200: {
          description: 'The problem type.',
          content: {
            'application/json': {
              schema: ProblemTypeSchema,
              example: { type: '/problems/recording-not-found', ...problemTypes['recording-not-found'] },
            },
          },
        },
        ...problemResponses('invalid-request', 'not-found'),
      },
    }),
    (c) => {
      const { slug } = c.req.valid('param');
      if (!isSlug(slug)) throw new Problem('not-found', { detail: 'There is no such problem type.' });
      return c.json({ type: `/problems/${slug}`, ...problemTypes[slug] }, 200, publicCache);
    },
  );
}

function isSlug(text: string): text is ProblemSlug {
  return Object.hasOwn(problemTypes, text);
}
