/** The output of an export: its manifest and its events. */
import { createRoute, z } from '@hono/zod-openapi';
import { createEventStream, longestStreamMs } from '../exports/events.ts';
import { exportKey } from '../exports/keys.ts';
import { toParts } from '../exports/ledger.ts';
import { type ManifestFormat, manifestFormats, manifestTypes, toManifest } from '../exports/manifest.ts';
import { isCompleted } from '../exports/state.ts';
import { chooseOffer } from '../http/accept.ts';
import type { Gateway } from '../middleware/gateway.ts';
import { headers, problemResponses, requestHeaders } from '../openapi/schemas.ts';
import { createConcurrencyLimit } from '../primitives/concurrency-limit.ts';
import { Problem } from '../problem/problem.ts';
import { StoreError } from '../store/failure.ts';
import { emptyQuery, exportIdParameter } from './export-schemas.ts';
import { exportProblems, requireExports } from './exports.ts';

const manifestOffers = manifestFormats.map((value) => ({
  value,
  mediaType: manifestTypes[value].split(';')[0] ?? '',
}));

const outcomes = ['copied', 'skipped', 'waiting', 'failed'] as const;

const manifestQuery = z.strictObject({
  format: z
    .enum(manifestFormats, { error: 'must be ndjson or csv' })
    .optional()
    .openapi('ManifestFormat', {
      param: { description: 'The format. It takes precedence over `Accept`. The default is NDJSON.' },
      description: 'The formats of a manifest.',
      example: 'csv',
    }),
  outcome: z
    .enum(outcomes, { error: `must be one of ${outcomes.join(', ')}` })
    .optional()
    .openapi('ExportOutcome', {
      param: { description: 'Returns only the rows with this outcome, such as the failures.' },
      description: 'The outcome of a recording.',
      example: 'failed',
    }),
});

const exampleRow = {
  sid: '0907065723240097',
  type: 'recorded_calls',
  id: '1234',
  outcome: 'copied',
  problem: null,
  key: 'exports/f1d2d2f924e986ac86fdf7b36c94bcdf/recordings/recorded_calls/1234/2019/02/20/0907065723240097.wav',
  bytes: 64_044,
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  format: 'wav',
  sample_rate: 8000,
  legacy: {
    sid: '0907065723240097',
    dnis: '8475551234',
    number_connected: '3125551265',
    minutes: '0.1',
    date: '2019-02-20 20:42:11',
  },
  recorded_at: '2019-02-20T20:42:11-06:00',
  copied_at: '2026-11-27T12:00:00.000Z',
  is_end_unclear: false,
};

const exampleEvent = {
  id: exampleRow.key.slice(8, 40),
  at: '2026-11-27T12:00:00.000Z',
  status: 'running',
  reason: null,
  progress: { listed: 120, copied: 40, skipped: 0, waiting: 0, failed: 0, bytes: 96_000_000 },
  deletion: null,
};

/** Each reads the state of its export once a second. */
const maxStreamsPerCaller = 20;

export function addExportFiles(gateway: Gateway): void {
  const { app, secured } = gateway;
  const access = secured('exports:read', { checksReach: true });
  const streams = createConcurrencyLimit({ limit: maxStreamsPerCaller });

  app.openapi(
    createRoute({
      operationId: 'getExportManifest',
      method: 'get',
      path: '/exports/{export_id}/manifest',
      tags: ['Exports'],
      summary: 'Get the manifest of an export',
      description:
        'One row per listed recording: its key, length and SHA-256, the fields as the legacy service sent them, and why a copy is missing. Before the export has completed, the rows so far. The bucket has the same files.',
      ...access,
      request: { params: exportIdParameter, query: manifestQuery },
      responses: {
        200: {
          description: 'The manifest.',
          headers: headers('Content-Disposition'),
          content: {
            'application/x-ndjson': { example: `${JSON.stringify(exampleRow)}\n` },
            'text/csv': {
              schema: z
                .string()
                .openapi({ maxLength: 1_000_000_000, description: 'RFC 4180, with a header row.' }),
            },
          },
        },
        ...problemResponses(...exportProblems, 'export-not-found', 'not-acceptable'),
      },
    }),
    async (c) => {
      const { export_id } = c.req.valid('param');
      const { format: asked, outcome } = c.req.valid('query');
      const format: ManifestFormat | null = asked ?? chooseOffer(c.req.header('Accept'), manifestOffers);
      if (!format) {
        const detail = 'Accept allows neither application/x-ndjson nor text/csv.';
        throw new Problem('not-acceptable', { detail });
      }
      const context = c.get('context');
      const { find, services } = requireExports(gateway, context);
      const state = await find(export_id, context);
      const isFinal = isCompleted(state.status) && outcome === undefined;
      const key = exportKey(toParts(export_id), `manifest.${format}`);
      const stored = isFinal ? await services.store.get(key).catch(throwStoreError) : null;
      const body = stored?.body ?? toStream(toManifest(services, state, { format, outcome }));
      return c.body(body, 200, {
        'Content-Type': manifestTypes[format],
        'Content-Disposition': `attachment; filename="manifest.${format}"`,
        Vary: 'Accept',
      }) as never;
    },
  );

  app.openapi(
    createRoute({
      operationId: 'getExportEvents',
      method: 'get',
      path: '/exports/{export_id}/events',
      tags: ['Exports'],
      summary: 'Follow an export by events',
      description:
        'Server-sent events: `status` for each change of the status since the creation, then `progress` and `status` as they happen. Ends with the export, or after ten minutes. Connect again with `Last-Event-ID`, as browsers do. A caller has at most 20 streams at a time.',
      ...access,
      parameters: requestHeaders('Last-Event-ID'),
      request: { params: exportIdParameter, query: emptyQuery },
      responses: {
        200: {
          description: 'The events.',
          content: {
            'text/event-stream': {
              schema: z
                .string()
                .openapi({ maxLength: 100_000_000, description: 'Server-sent events with data in JSON.' }),
              example: `id: 7\nevent: progress\ndata: ${JSON.stringify(exampleEvent)}\n\n`,
            },
          },
        },
        ...problemResponses(...exportProblems, 'export-not-found'),
      },
    }),
    async (c) => {
      const { export_id } = c.req.valid('param');
      const context = c.get('context');
      const { find, services } = requireExports(gateway, context);
      const state = await find(export_id, context);
      const last = c.req.header('Last-Event-ID') ?? '';
      const after = /^\d{1,15}$/.test(last) ? Number(last) : 0;
      const { method, signal } = c.req.raw;
      // Hono drops the body of a HEAD without cancelling it.
      const isHead = method === 'HEAD';
      const onEnd = isHead ? () => {} : streams.begin(context.caller.subject, longestStreamMs);
      if (!onEnd) throw tooManyStreams();
      const options = { ledger: services.ledger, after, signal, onEnd };
      const body = isHead ? '' : createEventStream(state, options);
      return c.body(body, 200, { 'Content-Type': 'text/event-stream' }) as never;
    },
  );
}

function tooManyStreams(): Problem {
  const detail = `A caller follows exports by at most ${maxStreamsPerCaller} streams at a time. Close one.`;
  return new Problem('too-many-requests', { detail, headers: [['Retry-After', '5']] });
}

function throwStoreError(cause: unknown): never {
  throw new StoreError({ kind: 'export-not-stored' }, { cause });
}

function toStream(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await texts.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await texts.return(undefined);
    },
  });
}
