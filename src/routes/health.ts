/** Health endpoints: whether the gateway runs, accepts requests, and reaches the legacy service. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Gateway } from '../middleware/gateway.ts';
import { legacyProblems, problemResponses } from '../openapi/schemas.ts';
import { Problem } from '../problem/problem.ts';

const HealthStatusSchema = z.literal('ok').openapi('HealthStatus', {
  description: 'Always `ok`: if the service does not respond, the response is a problem.',
});

const HealthSchema = z
  .object({
    status: HealthStatusSchema,
    version: z.string().max(64).openapi({ description: 'The version of the gateway.', example: '0.1.0' }),
    commit: z.string().max(64).nullable().openapi({
      description: 'The running commit. Null if the operator has not named it.',
      example: '57279b0c31e8bb38b0a2ef1c1c1b9d2a2f9d2f0e',
    }),
  })
  .openapi('Health', { description: 'The gateway is running.' });

const healthExample = {
  status: 'ok',
  version: '0.1.0',
  commit: '57279b0c31e8bb38b0a2ef1c1c1b9d2a2f9d2f0e',
} as const;

const LegacyHealthSchema = z
  .object({
    status: HealthStatusSchema,
    checked_at: z.iso.datetime().openapi({
      description: 'When the gateway last called the legacy service.',
      example: '2026-02-20T20:42:11.000Z',
    }),
  })
  .openapi('LegacyHealth', { description: 'The legacy service responds.' });

export function addHealth({ app, build, isReady, legacyHealth }: Gateway): void {
  const health = { status: 'ok' as const, ...build };
  app.openapi(
    createRoute({
      operationId: 'getHealth',
      method: 'get',
      path: '/health',
      tags: ['Service'],
      summary: 'Get the health of the gateway',
      description: 'Returns the running version and commit. Does not call the legacy service.',
      security: [],
      responses: {
        200: {
          description: 'The gateway is running.',
          content: { 'application/json': { schema: HealthSchema, example: healthExample } },
        },
        ...problemResponses(),
      },
    }),
    (c) => c.json(health, 200),
  );

  app.openapi(
    createRoute({
      operationId: 'getReadiness',
      method: 'get',
      path: '/health/ready',
      tags: ['Service'],
      summary: 'Check whether the gateway takes requests',
      description:
        'For load balancers: returns 503 once this process starts to stop. It still serves every request that reaches it.',
      security: [],
      responses: {
        200: {
          description: 'The gateway takes requests.',
          content: { 'application/json': { schema: HealthSchema, example: healthExample } },
        },
        ...problemResponses('shutting-down'),
      },
    }),
    (c) => {
      if (!isReady()) throw new Problem('shutting-down', { detail: 'This process is stopping.' });
      return c.json(health, 200);
    },
  );

  app.openapi(
    createRoute({
      operationId: 'getLegacyHealth',
      method: 'get',
      path: '/health/legacy',
      tags: ['Service'],
      summary: 'Get the health of the legacy service',
      description:
        'Requests a recording that does not exist from the legacy service, at most once in ten seconds, with the keys that the gateway holds, or else without keys.',
      security: [],
      responses: {
        200: {
          description: 'The legacy service responds.',
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
        ...c.get('traceContext'),
      });
      return c.json({ status: 'ok' as const, checked_at: new Date(at).toISOString() }, 200);
    },
  );
}
