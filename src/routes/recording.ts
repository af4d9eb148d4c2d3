/** One recording: its entry in the list, and its deletion. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Gateway } from '../middleware/gateway.ts';
import { accessProblems } from '../middleware/secured.ts';
import { booleanParameter, legacyProblems, problemResponses, sidParameter } from '../openapi/schemas.ts';
import { Problem } from '../problem/problem.ts';
import { removeRecording } from '../recordings/delete.ts';
import { findRecording } from '../recordings/find.ts';
import { resourceQuery } from './recording-parameters.ts';
import { RecordingSchema, recordingExample } from './recording-schemas.ts';

const DeletionStatusSchema = z
  .literal('scheduled')
  .openapi('DeletionStatus', { description: 'The legacy service removes the recording later.' });

const DeletionSchema = z
  .object({ status: DeletionStatusSchema })
  .openapi('Deletion', { description: 'Status of a deferred deletion.' });

export function addRecording(gateway: Gateway): void {
  const { app, secured, walks, reach } = gateway;

  app.openapi(
    createRoute({
      operationId: 'getRecording',
      method: 'get',
      path: '/recordings/{sid}',
      tags: ['Recordings'],
      summary: 'Get a recording',
      description:
        'Returns one recording of a list, without its audio. The legacy service has no such call, so the gateway searches the list: to read many recordings, list them.',
      ...secured('recordings:read', { checksReach: true }),
      request: { params: sidParameter, query: resourceQuery },
      responses: {
        200: {
          description: 'The recording.',
          content: { 'application/json': { schema: RecordingSchema, example: recordingExample } },
        },
        ...problemResponses(...accessProblems, 'recording-not-found', ...legacyProblems),
      },
    }),
    async (c) => {
      const { sid } = c.req.valid('param');
      const list = c.req.valid('query');
      const context = c.get('context');
      reach.assertListedRecording({ ...list, sid }, context);
      const json = await findRecording(walks, { list, sid }, context);
      if (json === null) {
        const detail = 'The list of this type and ID has no such recording.';
        throw new Problem('recording-not-found', { detail });
      }
      return c.body(json, 200, { 'Content-Type': 'application/json' }) as never;
    },
  );

  app.openapi(
    createRoute({
      operationId: 'deleteRecording',
      method: 'delete',
      path: '/recordings/{sid}',
      tags: ['Recordings'],
      summary: 'Delete a recording',
      description:
        'Deletes the recording now, or with `delete_now=false` at a time that the legacy service chooses.',
      ...secured('recordings:delete', { checksReach: true }),
      request: {
        params: sidParameter,
        query: z.strictObject({
          delete_now: booleanParameter(true).openapi({
            param: {
              description:
                'Whether to delete the recording now, or at a time that the legacy service chooses. Also accepts `1` and `0`, as in the legacy API.',
            },
            example: true,
          }),
        }),
      },
      responses: {
        202: {
          description: 'The legacy service deletes the recording later.',
          content: { 'application/json': { schema: DeletionSchema, example: { status: 'scheduled' } } },
        },
        204: { description: 'The recording is deleted.' },
        ...problemResponses(
          ...accessProblems,
          'recording-not-found',
          'recording-processing',
          'store-unavailable',
          ...legacyProblems,
        ),
      },
    }),
    async (c) => {
      const { sid } = c.req.valid('param');
      const { delete_now } = c.req.valid('query');
      const context = c.get('context');
      await reach.assertRecording(sid, context);
      await removeRecording(gateway, { sid, delete_now }, context);
      return delete_now ? c.body(null, 204) : c.json({ status: 'scheduled' as const }, 202);
    },
  );
}
