/** Recordings: the list of those that a thing of the account has, and the removal of one. */

import { createRoute, z } from '@hono/zod-openapi';
import { chooseOffer } from '../http/accept.ts';
import type { Gateway } from '../middleware/gateway.ts';
import { accessProblems } from '../middleware/secured.ts';
import {
  booleanParameter,
  headers,
  legacyProblems,
  problemResponses,
  sidParameter,
} from '../openapi/schemas.ts';
import { Problem } from '../problem/problem.ts';
import { type CursorBinding, readCursor, writeCursor } from '../recordings/cursor.ts';
import { removeRecording } from '../recordings/delete.ts';
import { openExport } from '../recordings/export-lines.ts';
import { createListFilter } from '../recordings/list-filter.ts';
import { type PageWarning, toPageWarnings } from '../recordings/list-warnings.ts';
import { LostPositionError } from '../recordings/page.ts';
import { type Place, readWalkPage } from '../recordings/walk.ts';
import { listQuery, RecordingListSchema, recordingListExample } from './recording-schemas.ts';

const DeletionStatusSchema = z
  .literal('scheduled')
  .openapi('DeletionStatus', { description: 'The legacy service removes the recording later.' });

const DeletionSchema = z
  .object({ status: DeletionStatusSchema })
  .openapi('Deletion', { description: 'Status of a deferred deletion.' });

export function addRecordings(gateway: Gateway): void {
  const { app, secured, legacy, walks, reach, tokenKeys, basePath } = gateway;

  app.openapi(
    createRoute({
      operationId: 'listRecordings',
      method: 'get',
      path: '/recordings',
      tags: ['Recordings'],
      summary: 'List recordings',
      description:
        'Lists the recordings of one resource of the account, in the order of the legacy service: a page as JSON, or the whole list as JSON lines with one `Recording` per line. `limit` and `cursor` apply to pages only. Where the legacy service sends characters that XML does not allow, `warnings` names what was repaired in a page; JSON lines have the repaired values only, and the log counts the repairs.',
      ...secured('recordings:read', { checksReach: true }),
      request: { query: listQuery },
      responses: {
        200: {
          description: 'The recordings. The list is empty if there are none.',
          headers: headers('Link'),
          content: {
            'application/json': { schema: RecordingListSchema, example: recordingListExample },
            // Without a schema, which would make each client's list a union of a page and a recording.
            'application/x-ndjson': { example: `${JSON.stringify(recordingListExample.recordings[0])}\n` },
          },
        },
        ...problemResponses(...accessProblems, 'not-acceptable', ...legacyProblems),
      },
    }),
    async (c) => {
      const { type, id, limit, cursor, from, to } = c.req.valid('query');
      const context = c.get('context');
      reach.assertResource({ type, id }, context);
      const mediaType = negotiateList(c.req.header('Accept'), { limit, cursor });
      const { credentials } = context.caller;
      const binding = { credentials, tokenKeys, query: { type, id, from, to } };
      const after = cursor === undefined ? null : await openCursor(cursor, binding);
      const list = { type, id };
      const isWanted = createListFilter({ from, to });

      if (mediaType === 'application/x-ndjson') {
        const batches = legacy.list(list, context, 'stream');
        const lines = await openExport(batches, { isWanted, toLine: walks.toLine });
        return c.body(lines, 200, { 'Content-Type': mediaType, Vary: 'Accept' }) as never;
      }
      const query = { list, order: null, isWanted, limit: limit ?? 100, after };
      const page = await readWalkPage(walks, query, context).catch(nameLostPosition);
      const next = page.next && (await writeCursor(page.next, binding));
      const body = toJson(page.lines, { next, warnings: toPageWarnings(page.warnings) });
      const link = next && { Link: `<${basePath}${toNextReference(c.req.url, next)}>; rel="next"` };
      return c.body(body, 200, { 'Content-Type': mediaType, Vary: 'Accept', ...link }) as never;
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

/** Text by text and out as bytes, so that what makes up most of the answer is copied once. */
function toJson(lines: readonly string[], { next, warnings }: PageEnd): Uint8Array<ArrayBuffer> {
  const notes = warnings.length > 0 ? `,"warnings":${JSON.stringify(warnings)}` : '';
  return encoder.encode(`{"recordings":[${lines.join()}],"next_cursor":${JSON.stringify(next)}${notes}}`);
}

interface PageEnd {
  readonly next: string | null;
  readonly warnings: readonly PageWarning[];
}

const encoder = new TextEncoder();

const listOffers = (['application/json', 'application/x-ndjson'] as const).map((mediaType) => ({
  value: mediaType,
  mediaType,
}));

/** Throws where `Accept` allows neither form, or the query asks for a page of what has none. */
function negotiateList(
  accept: string | undefined,
  paging: { limit?: number | undefined; cursor?: string | undefined },
) {
  const mediaType = chooseOffer(accept, listOffers);
  if (!mediaType) {
    const detail = 'Accept allows neither application/json nor application/x-ndjson.';
    throw new Problem('not-acceptable', { detail });
  }
  const given = (['limit', 'cursor'] as const).filter((parameter) => paging[parameter] !== undefined);
  if (mediaType === 'application/x-ndjson' && given.length > 0) {
    const errors = given.map((parameter) => ({
      parameter,
      detail: 'applies to pages only',
    }));
    throw new Problem('invalid-request', { detail: 'application/x-ndjson has no pages.', errors });
  }
  return mediaType;
}

async function openCursor(cursor: string, binding: CursorBinding): Promise<Place> {
  const place = await readCursor(cursor, binding);
  if (place) return place;
  throw cursorProblem('does not belong to this list, account and filter');
}

function nameLostPosition(error: unknown): never {
  if (!(error instanceof LostPositionError)) throw error;
  throw cursorProblem('points at recordings that no longer exist; start again without it');
}

function cursorProblem(detail: string): Problem {
  return new Problem('invalid-request', {
    detail: 'The cursor is invalid.',
    errors: [{ parameter: 'cursor', detail }],
  });
}

/** Without the origin, so that it holds behind any proxy. */
function toNextReference(url: string, cursor: string): string {
  const { searchParams } = new URL(url);
  searchParams.set('cursor', cursor);
  return `/recordings?${searchParams}`;
}
