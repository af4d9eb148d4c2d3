/** The gateway's description of itself: its OpenAPI document and its problem types. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Gateway } from '../middleware/gateway.ts';
import { problemResponses } from '../openapi/schemas.ts';
import { Problem } from '../problem/problem.ts';
import { type ProblemSlug, problemTypes } from '../problem/types.ts';

const ProblemTypeSchema = z
  .object({
    type: z.string().max(100).openapi({
      format: 'uri-reference',
      description: 'The `type` of the problem.',
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
      .openapi({ description: 'A short summary of the type.', example: 'Recording not found' }),
    description: z.string().max(500).openapi({
      description: 'The cause of the problem, and how to handle it.',
      example: problemTypes['recording-not-found'].description,
    }),
  })
  .openapi('ProblemType', { description: 'A problem type.' });

const DocumentSchema = z
  .looseObject({
    openapi: z.string().max(10).openapi({ description: 'The version of OpenAPI.', example: '3.1.0' }),
  })
  .openapi('OpenApiDocument', { description: 'An OpenAPI document.' });

/** Changes only with a deployment. */
const publicCache = { 'Cache-Control': 'public, max-age=300' };
const documentHeaders = { ...publicCache, 'Content-Type': 'application/json' };

const documentContent = {
  'application/json': {
    schema: DocumentSchema,
    example: { openapi: '3.1.0', info: { title: 'Recordings gateway', version: '1.0.0' }, paths: {} },
  },
};

export function addService({ app, documents, basePath }: Gateway): void {
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
      description: 'For tools that support OpenAPI 3.0.3 only.',
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
      description: 'Returns the explanation at the `type` of a problem.',
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
                description: 'The part of `type` after `/problems/`.',
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
      return c.json({ type: `${basePath}/problems/${slug}`, ...problemTypes[slug] }, 200, publicCache);
    },
  );
}

function isSlug(text: string): text is ProblemSlug {
  return Object.hasOwn(problemTypes, text);
}
