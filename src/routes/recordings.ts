/** Recordings: the list of those that a thing of the account has, and the removal of one. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Gateway } from './gateway.ts';
import { RecordingSchema, toRecording } from './recording.ts';
import {
  booleanParameter,
  documentedTypes,
  idParameter,
  legacyProblems,
  problemResponses,
  sidParameter,
} from './schemas.ts';

const listQuery = z.strictObject({
  type: z
    .enum(documentedTypes)
    .openapi({ description: 'What kind of thing made the recordings.', example: 'findme' }),
  id: idParameter.openapi({ description: 'The id of that thing.', example: '1234' }),
});

const RecordingListSchema = z.object({ recordings: z.array(RecordingSchema) }).openapi('RecordingList');

const DeletionSchema = z
  .object({ status: z.literal('scheduled') })
  .openapi('Deletion', { description: 'The legacy service will remove the recording later.' });

export function addRecordings({ app, requires, legacy, recordedAt }: Gateway): void {
  const audioUrl = (sid: string) => `/recordings/${encodeURIComponent(sid)}/audio`;

  app.openapi(
    createRoute({
      operationId: 'listRecordings',
      method: 'get',
      path: '/recordings',
      tags: ['Recordings'],
      summary: 'List recordings',
      description:
        'The recordings of one thing of the account, in the order in which the legacy service gives them.',
      ...requires('recordings:read'),
      request: { query: listQuery },
      responses: {
        200: {
          description: 'The recordings; an empty list where there are none.',
          content: { 'application/json': { schema: RecordingListSchema } },
        },
        ...problemResponses(
          'invalid-request',
          'credentials-missing',
          'credentials-rejected',
          ...legacyProblems,
        ),
      },
    }),
    async (c) => {
      const context = { credentials: c.get('caller').credentials, signal: c.req.raw.signal };
      const recordings: z.infer<typeof RecordingSchema>[] = [];
      for await (const batch of legacy.list(c.req.valid('query'), context)) {
        for (const raw of batch) recordings.push(toRecording(raw, { recordedAt, audioUrl }));
      }
      return c.json({ recordings }, 200);
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
        'Removes the recording at once, or leaves the removal to the legacy service with `delete_now=false`.',
      ...requires('recordings:delete'),
      request: {
        params: sidParameter,
        query: z.strictObject({
          delete_now: booleanParameter(true).openapi({ description: 'Whether to remove the recording now.' }),
        }),
      },
      responses: {
        202: {
          description: 'The removal is scheduled.',
          content: { 'application/json': { schema: DeletionSchema } },
        },
        204: { description: 'The recording is removed.' },
        ...problemResponses(
          'invalid-request',
          'credentials-missing',
          'credentials-rejected',
          'recording-not-found',
          'recording-processing',
          ...legacyProblems,
        ),
      },
    }),
    async (c) => {
      const { sid } = c.req.valid('param');
      const { delete_now } = c.req.valid('query');
      const context = { credentials: c.get('caller').credentials, signal: c.req.raw.signal };
      await legacy.execute({ action: 'recording.remove', parameters: { sid, delete_now } }, context);
      return delete_now ? c.body(null, 204) : c.json({ status: 'scheduled' as const }, 202);
    },
  );
}
