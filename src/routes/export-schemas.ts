/**
 * Schemas of an export: its request, its progress, and its next actions. Longer than other files, because each field
 * carries its description for the document.
 */
import { z } from '@hono/zod-openapi';
import { exportIdPattern, parseExportId, recordingsPrefix } from '../exports/keys.ts';
import { findPatternFault, maxPattern, patternFields, toDefaultPattern } from '../exports/pattern.ts';
import {
  deletionStatuses,
  type ExportRequest,
  type ExportState,
  exportStatuses,
  isActive,
  maxFailures,
} from '../exports/state.ts';
import { idError, RecordingTypeSchema } from '../openapi/schemas.ts';
import { AudioFormatSchema, sampleRate } from './audio-format.ts';

/** For operations without query parameters, so that typing errors are rejected. */
export const emptyQuery = z.strictObject({});

const exampleId = 'f1d2d2f924e986ac86fdf7b36c94bcdf-e242ed3bffccdf271b7fbaf34ed72d08';

export const exportIdParameter = z.object({
  export_id: z
    .string()
    .regex(exportIdPattern, 'must be the ID of an export')
    .openapi({
      param: { name: 'export_id', in: 'path', description: 'The `id` of the export.' },
      minLength: 65,
      maxLength: 65,
      example: exampleId,
    }),
});

const maxSources = 100;

const lanesError = 'must be a whole number from 1 to 8';
const callsError = 'must be a whole number from 1 to 60000';

const source = {
  type: RecordingTypeSchema,
  id: z.int(idError).min(0, idError).max(999_999_999_999_999, idError).openapi({
    format: 'int64',
    description: 'The ID of a resource of that type.',
    example: 1234,
  }),
};

const ExportSourceRequestSchema = z
  .strictObject(source)
  .openapi('ExportSourceRequest', { description: 'A resource whose recordings are to be exported.' });

const ExportSourceSchema = z
  .object(source)
  .openapi('ExportSource', { description: 'A resource whose recordings are exported.' });

const day = z.iso.date('must be a date, as 2019-02-20');

const keyPattern = z
  .string()
  .min(1, 'must not be empty')
  .openapi({
    maxLength: maxPattern,
    description: `The keys of the copies below \`prefix\`, ending with \`.{format}\`. Fields: ${patternFields.map((name) => `\`{${name}}\``).join(', ')}. The last part must contain \`{sid}\` between dots or hyphens, so that no two recordings get one key.`,
    example: '{type}/{id}/{yyyy}/{mm}/{dd}/{sid}.{format}',
  });

const settings = {
  from: day.optional().openapi({
    maxLength: 10,
    description: 'The first day, on the clock of the legacy service. Not after `to`.',
    example: '2019-01-01',
  }),
  to: day.optional().openapi({
    maxLength: 10,
    description: 'The last day, on the same clock.',
    example: '2019-02-28',
  }),
  format: AudioFormatSchema.default('wav'),
  sample_rate: z
    .int(sampleRate.error)
    .min(sampleRate.minimum, sampleRate.error)
    .max(sampleRate.maximum, sampleRate.error)
    .default(sampleRate.default)
    .openapi({ format: 'int32', description: 'In hertz.', example: 8000 }),
  key_pattern: keyPattern.optional(),
  lanes: z.int(lanesError).min(1, lanesError).max(8, lanesError).default(2).openapi({
    format: 'int32',
    description: 'Recordings copied at a time. On Workers, values above 3 have no effect.',
    example: 2,
  }),
  calls_per_minute: z.int(callsError).min(1, callsError).max(60_000, callsError).default(600).openapi({
    format: 'int32',
    description: 'The most downloads from the legacy service per minute.',
    example: 600,
  }),
};

export const ExportRequestSchema = z
  .strictObject({
    sources: z
      .array(ExportSourceRequestSchema)
      .min(1, `must have 1 to ${maxSources} sources`)
      .max(maxSources, `must have 1 to ${maxSources} sources`)
      .openapi({ description: 'The resources whose recordings are exported, each once.' }),
    ...settings,
  })
  .superRefine(({ sources, from, to, key_pattern, sample_rate }, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (from && to && from > to) fault('from', 'must not be after to');
    if (new Set(sources.map(({ type, id }) => `${type}/${id}`)).size < sources.length) {
      fault('sources', 'must not have a source twice');
    }
    const wrong = key_pattern ? findPatternFault({ pattern: key_pattern, sampleRateHz: sample_rate }) : null;
    if (wrong) fault('key_pattern', wrong);
  })
  .openapi('ExportRequest', {
    description: 'The recordings to export, and the form and the keys of their copies.',
  });

export function toExportRequest(input: z.output<typeof ExportRequestSchema>): ExportRequest {
  const { sources, from = null, to = null, format, sample_rate, lanes, calls_per_minute } = input;
  return {
    sources: sources.map(({ type, id }) => ({ type, id: String(id) })),
    from,
    to,
    format,
    sample_rate,
    key_pattern: input.key_pattern ?? toDefaultPattern(sample_rate),
    lanes,
    calls_per_minute,
  };
}

const count = (description: string) =>
  z.int().min(0).max(1_000_000_000).openapi({ format: 'int32', description, example: 120 });

const ProgressSchema = z
  .object({
    listed: count('Recordings in the lists. One that two sources list counts twice.'),
    copied: count('Recordings that this export has copied.'),
    skipped: count('Recordings with an intact copy from an earlier export.'),
    waiting: count('Recordings that are tried again later, such as those still being processed.'),
    failed: count('Recordings that could not be copied.'),
    bytes: z.int().min(0).max(9_007_199_254_740_991).openapi({
      format: 'int64',
      description: 'The size of the copied recordings, in bytes.',
      example: 288_000_000,
    }),
  })
  .openapi('ExportProgress', { description: 'The progress of an export, in recordings.' });

const time = (description: string) =>
  z.iso.datetime().openapi({ maxLength: 30, description, example: '2026-11-27T12:00:00.000Z' });

const problemType = (description: string) =>
  z.string().max(100).nullable().openapi({ format: 'uri-reference', description, example: null });

const ExportFailureSchema = z
  .object({
    sid: z.string().min(1).max(65_536).openapi({ description: 'The call SID.', example: '0907065723240097' }),
    ...source,
    problem: z.string().max(100).openapi({
      format: 'uri-reference',
      description: 'The type of the problem.',
      example: '/problems/recording-not-found',
    }),
  })
  .openapi('ExportFailure', { description: 'A recording that could not be copied.' });

const DeletionSchema = z
  .object({
    status: z
      .enum(deletionStatuses)
      .openapi('ExportDeletionStatus', { description: 'The status of a deletion.' }),
    reason: problemType('Why the deletion failed, as the type of a problem. Null otherwise.'),
    deleted: count('Originals that are deleted.'),
    failed: count('Originals that could not be deleted, or whose copy is damaged.'),
    created_at: time('When the deletion was requested.'),
    finished_at: time('When the deletion ended. Null before.').nullable(),
  })
  .openapi('ExportDeletion', { description: 'The deletion of the originals of an export.' });

export const ExportSchema = z
  .object({
    id: z
      .string()
      .regex(exportIdPattern)
      .openapi({ minLength: 65, maxLength: 65, description: 'Names the export.', example: exampleId }),
    status: z.enum(exportStatuses).openapi('ExportStatus', {
      description:
        '`waiting` continues automatically at `resumes_at`. `failed` and `paused` continue with `resumeExport`. The others after `running` are final.',
    }),
    reason: problemType('Why the export failed or waits, as the type of a problem. Null otherwise.'),
    created_at: time('When the export was created.'),
    finished_at: time('When the export ended. Null before.').nullable(),
    resumes_at: time('When a waiting export continues. Null otherwise.').nullable(),
    prefix: z.string().max(1024).openapi({
      description: "The prefix of the copies' keys in the bucket.",
      example: 'exports/f1d2d2f924e986ac86fdf7b36c94bcdf/recordings/',
    }),
    progress: ProgressSchema,
    failures: z
      .array(ExportFailureSchema)
      .max(maxFailures)
      .openapi({
        description: `The first ${maxFailures} recordings that failed; the manifest has all.`,
      }),
    deletion: DeletionSchema.nullable().openapi({
      description: 'The deletion of the originals. Null where none was requested.',
    }),
    sources: z.array(ExportSourceSchema).max(maxSources).openapi({ description: 'As requested.' }),
    from: day
      .nullable()
      .openapi({ maxLength: 10, description: 'As requested. Null for no limit.', example: '2019-01-01' }),
    to: day
      .nullable()
      .openapi({ maxLength: 10, description: 'As requested. Null for no limit.', example: '2019-02-28' }),
    format: AudioFormatSchema,
    sample_rate: z.int().openapi({
      format: 'int32',
      minimum: sampleRate.minimum,
      maximum: sampleRate.maximum,
      description: 'In hertz.',
      example: 8000,
    }),
    key_pattern: keyPattern,
    lanes: z.int().min(1).max(8).openapi({ format: 'int32', description: 'As requested.', example: 2 }),
    calls_per_minute: z
      .int()
      .min(1)
      .max(60_000)
      .openapi({ format: 'int32', description: 'As requested.', example: 600 }),
  })
  .openapi('Export', { description: 'A job that copies recordings into the bucket of the operator.' });

export const ExportListSchema = z
  .object({
    exports: z.array(ExportSchema).max(100).openapi({ description: 'Newest first.' }),
  })
  .openapi('ExportList', { description: 'The exports of the account.' });

/** The state as clients see it: without keys, runs and planned work. */
export function toExport(state: ExportState): z.output<typeof ExportSchema> {
  const { id, status, created_at, finished_at, resumes_at, progress, failures, deletion, request } = state;
  const toNumber = <Named extends { readonly id: string }>(named: Named) => ({
    ...named,
    id: Number(named.id),
  });
  return {
    id,
    status,
    reason: toType(state.reason),
    created_at,
    finished_at,
    resumes_at,
    prefix: recordingsPrefix(parseExportId(id)?.accountId ?? ''),
    progress,
    failures: failures.map(({ chunk: _chunk, problem, ...failure }) => ({
      ...toNumber(failure),
      problem: `/problems/${problem}`,
    })) as z.output<typeof ExportFailureSchema>[],
    deletion: deletion && { ...deletion, reason: toType(deletion.reason) },
    ...request,
    sources: request.sources.map(toNumber) as z.output<typeof ExportSourceSchema>[],
  };
}

function toType(slug: string | null): string | null {
  return slug && `/problems/${slug}`;
}

/** Seconds until another request may show progress. */
const pollSeconds = 5;

export function toRetryAfter(state: ExportState): Record<string, string> {
  if (!isActive(state)) return {};
  const leftMs = state.resumes_at ? Date.parse(state.resumes_at) - Date.now() : 0;
  return { 'Retry-After': String(Math.max(pollSeconds, Math.ceil(leftMs / 1000))) };
}
