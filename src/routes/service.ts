/** The service about itself: whether it lives, its document, and its problem types. */
import { createRoute, z } from '@hono/zod-openapi';
import document from '../../openapi/openapi.json' with { type: 'json' };
import type { JsonObject } from '../openapi/json.ts';
import { toOpenApi30 } from '../openapi/twin.ts';
import { Problem } from '../problem/problem.ts';
import { type ProblemSlug, problemTypes } from '../problem/types.ts';
import type { Gateway } from './gateway.ts';
import { problemResponses } from './schemas.ts';

const HealthSchema = z.object({ status: z.literal('ok') }).openapi('Health');

const ProblemTypeSchema = z
  .object({
    type: z.string().max(100).openapi({ format: 'uri-reference' }),
    status: z.int().min(400).max(599).openapi({ description: 'The usual status.' }),
    title: z.string().max(100),
    description: z
      .string()
      .max(500)
      .openapi({ description: 'What happened and what a client does about it.' }),
  })
  .openapi('ProblemType');

const DocumentSchema = z.looseObject({ openapi: z.string().max(10) }).openapi('OpenApiDocument');

/** They change with a deployment only. */
const publicCache = { 'Cache-Control': 'public, max-age=300' };
const documentHeaders = { ...publicCache, 'Content-Type': 'application/json' };

/** Building the document takes more CPU than a small plan has for a request, so the committed one is served. */
function toTexts(publicUrl: string | null) {
  const served: JsonObject = publicUrl ? { ...document, servers: [{ url: publicUrl }] } : document;
  return { current: JSON.stringify(served), older: JSON.stringify(toOpenApi30(served)) };
}

export function addService({ app, publicUrl }: Gateway): void {
  const texts = toTexts(publicUrl);
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
        200: { description: 'It is.', content: { 'application/json': { schema: HealthSchema } } },
        ...problemResponses(),
      },
    }),
    (c) => c.json({ status: 'ok' as const }, 200),
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
        200: { description: 'The document.', content: { 'application/json': { schema: DocumentSchema } } },
        ...problemResponses(),
      },
    }),
    (c) => c.body(texts.current, 200, documentHeaders) as never,
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
        200: { description: 'The document.', content: { 'application/json': { schema: DocumentSchema } } },
        ...problemResponses(),
      },
    }),
    (c) => c.body(texts.older, 200, documentHeaders) as never,
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
            .openapi({ param: { name: 'slug', in: 'path' }, example: 'recording-not-found' }),
        }),
      },
      responses: {
        200: {
          description: 'The problem type.',
          content: { 'application/json': { schema: ProblemTypeSchema } },
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
