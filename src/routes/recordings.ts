/** The list of recordings of one resource: as pages, or whole as JSON lines. */

import { createRoute } from '@hono/zod-openapi';
import type { Gateway } from '../middleware/gateway.ts';
import { accessProblems } from '../middleware/secured.ts';
import { headers, legacyProblems, problemResponses } from '../openapi/schemas.ts';
import { writeCursor } from '../recordings/cursor.ts';
import { openExport } from '../recordings/export-lines.ts';
import { createListFilter } from '../recordings/list-filter.ts';
import { sortList } from '../recordings/list-order.ts';
import { type PageWarning, toPageWarnings } from '../recordings/list-warnings.ts';
import { readWalkPage } from '../recordings/walk.ts';
import { assertOrder, negotiateList, openCursor, toListProblem } from './list-query.ts';
import { listQuery } from './recording-parameters.ts';
import { RecordingListSchema, recordingListExample } from './recording-schemas.ts';

export function addRecordings(gateway: Gateway): void {
  const { app, secured, legacy, walks, reach, tokenKeys, hmac, basePath } = gateway;

  app.openapi(
    createRoute({
      operationId: 'listRecordings',
      method: 'get',
      path: '/recordings',
      tags: ['Recordings'],
      summary: 'List recordings',
      description:
        'Lists the recordings of one resource of the account, in the order of the legacy service or by `order`: a page as JSON, or the whole list as JSON lines with one `Recording` per line. `limit` and `cursor` apply to pages only, `after` to JSON lines only. Where the legacy service sends characters that XML does not allow, `warnings` names what was repaired in a page; JSON lines have the repaired values only, and the log counts the repairs.',
      ...secured('recordings:read', { checksReach: true }),
      request: { query: listQuery },
      responses: {
        200: {
          description: 'The recordings. The list is empty if there are none.',
          headers: headers('Link'),
          content: {
            'application/json': { schema: RecordingListSchema, example: recordingListExample },
            // No schema, since clients would get a union of a page and a recording.
            'application/x-ndjson': { example: `${JSON.stringify(recordingListExample.recordings[0])}\n` },
          },
        },
        ...problemResponses(...accessProblems, 'not-acceptable', 'order-not-configured', ...legacyProblems),
      },
    }),
    async (c) => {
      const { type, id, limit, cursor, after, order = null, ...filter } = c.req.valid('query');
      const context = c.get('context');
      reach.assertResource({ type, id }, context);
      const mediaType = negotiateList(c.req.header('Accept'), { limit, cursor, after });
      if (order) assertOrder(walks);
      const { credentials } = context.caller;
      const binding = {
        credentials,
        tokenKeys,
        hmac,
        query: { type, id, order: order ?? undefined, ...filter },
      };
      const place = cursor === undefined ? null : await openCursor(cursor, binding);
      const list = { type, id };
      const isWanted = createListFilter(filter);

      if (mediaType === 'application/x-ndjson') {
        const passing = legacy.list(list, context, 'stream');
        const batches = order ? sortList(passing, order) : passing;
        const options = { isWanted, toLine: walks.toLine, after };
        const lines = await openExport(batches, options).catch(toListProblem);
        return c.body(lines, 200, { 'Content-Type': mediaType, Vary: 'Accept' }) as never;
      }
      const query = { list, order, isWanted, limit: limit ?? 100, after: place };
      const page = await readWalkPage(walks, query, context).catch(toListProblem);
      const next = page.next && (await writeCursor(page.next, binding));
      const body = toJson(page.recordings, { next, warnings: toPageWarnings(page.warnings) });
      const link = next && { Link: `<${basePath}${toNextReference(c.req.url, next)}>; rel="next"` };
      return c.body(body, 200, { 'Content-Type': mediaType, Vary: 'Accept', ...link }) as never;
    },
  );
}

function toJson(recordings: Uint8Array, { next, warnings }: PageEnd): Uint8Array<ArrayBuffer> {
  const notes = warnings.length > 0 ? `,"warnings":${JSON.stringify(warnings)}` : '';
  const tail = encoder.encode(`],"next_cursor":${JSON.stringify(next)}${notes}}`);
  const json = new Uint8Array(head.length + recordings.length + tail.length);
  json.set(head);
  json.set(recordings, head.length);
  json.set(tail, head.length + recordings.length);
  return json;
}

interface PageEnd {
  readonly next: string | null;
  readonly warnings: readonly PageWarning[];
}

const encoder = new TextEncoder();
const head = encoder.encode('{"recordings":[');

/** Without the origin, so that it is valid behind any proxy. */
function toNextReference(url: string, cursor: string): string {
  const query = new URLSearchParams(url.slice(url.indexOf('?')));
  query.set('cursor', cursor);
  return `/recordings?${query}`;
}
