/** Schemas of the list of recordings: its query and its response. */
import { z } from '@hono/zod-openapi';
import { idParameter, mustBeOneOf, RecordingTypeSchema } from '../openapi/schemas.ts';
import { maxCursor } from '../recordings/cursor.ts';
import { orders } from '../recordings/list-order.ts';
import { listWarningCodes } from '../recordings/list-warnings.ts';

/** Base64url, a dot, base64url. */
const cursorPattern = '^[A-Za-z0-9_-]{1,7950}\\.[A-Za-z0-9_-]{43}$';

const cursorExample = 'eyJ2IjoxfQ.mHzQyC2yIhF0qJw9k3Yb7uVd1oRrT5sXeLgPaNnK4Zc';

const limitError = 'must be a whole number from 1 to 1000';

const dateParameter = z.iso.date('must be a date, as 2019-02-20');

const resource = {
  type: RecordingTypeSchema.openapi({
    param: { description: 'The type of resource that owns the recordings.' },
    example: 'findme',
  }),
  id: idParameter.openapi({ param: { description: 'The ID of that resource.' }, example: 1234 }),
};

export const resourceQuery = z.strictObject(resource);

/** An example that the reference shows but does not send: Scalar's `x-disabled`. */
const unsent = (value: string | number) => ({ examples: { example: { value, 'x-disabled': true } } });

/** In characters: a longer sid does not fit into a URL of 16 KiB when each is three bytes, percent-encoded. */
const maxAfter = 1500;

const secondsError = 'must be a whole number of at most 9 digits';

const secondsParameter = (description: string) =>
  z
    .string()
    .regex(/^\d{1,9}$/, secondsError)
    .transform(Number)
    .optional()
    .openapi({
      param: { description, ...unsent(60) },
      type: 'integer',
      format: 'int32',
      minimum: 0,
      maximum: 999_999_999,
    });

/** Digits with the punctuation of telephone numbers; a `+` that a client did not encode arrives as a space. */
const numberPattern = /^[+(). -]{0,4}\d[\d+(). -]{0,27}$/;

const RecordingOrderSchema = z
  .enum(orders, { error: mustBeOneOf(orders) })
  .openapi('RecordingOrder', { description: 'The order of a list by date.' });

export const listQuery = z
  .strictObject({
    ...resource,
    limit: z
      .string()
      .regex(/^\d{1,4}$/, limitError)
      .transform(Number)
      .pipe(z.int().min(1, limitError).max(1000, limitError))
      .optional()
      .openapi({
        param: { description: 'The largest number of recordings in a page.' },
        type: 'integer',
        format: 'int32',
        minimum: 1,
        maximum: 1000,
        default: 100,
        example: 100,
      }),
    cursor: z
      .string()
      .min(1)
      .max(maxCursor)
      .optional()
      .openapi({
        param: {
          description: 'The `next_cursor` of the previous page of the same list. Opaque.',
        },
        // No example: the reference would send it, and a cursor is valid only for its own list.
        pattern: cursorPattern,
      }),
    from: dateParameter.optional().openapi({
      param: { description: 'The first day, on the clock of the legacy service. Not after `to`.' },
      maxLength: 10,
      example: '2019-01-01',
    }),
    to: dateParameter.optional().openapi({
      param: { description: 'The last day, on the same clock.' },
      maxLength: 10,
      example: '2019-02-28',
    }),
    number: z
      .string()
      .regex(numberPattern, 'must be a telephone number')
      .optional()
      .openapi({
        param: {
          description:
            'Only recordings with this `dnis` or `number_connected`. Punctuation and a leading `+1` are ignored.',
          ...unsent('312-555-1265'),
        },
        minLength: 1,
        maxLength: 32,
        pattern: numberPattern.source,
      }),
    min_seconds: secondsParameter(
      'Only recordings with at least this `duration_seconds`. Not more than `max_seconds`.',
    ),
    max_seconds: secondsParameter('Only recordings with at most this `duration_seconds`.'),
    order: RecordingOrderSchema.optional().openapi({
      param: {
        description:
          'By `date`, oldest (`asc`) or newest (`desc`) first; recordings without a date come last. Needs a store at the gateway, and a list of at most 200,000 recordings. By default, the order of the legacy service.',
        ...unsent('desc'),
      },
    }),
    after: z
      .string()
      .min(1)
      .max(maxAfter)
      .optional()
      .openapi({
        param: {
          description:
            'For JSON lines only: the `sid` of the last line that you have, to continue an export that broke off.',
        },
      }),
  })
  .refine(({ min_seconds: min = 0, max_seconds: max = min }) => min <= max, {
    path: ['min_seconds'],
    error: 'must not be more than max_seconds',
  })
  .refine(({ from, to }) => !from || !to || from <= to, { path: ['from'], error: 'must not be after to' });

const nullableText = z.string().max(65_536).nullable();

export const RecordingSchema = z
  .object({
    sid: z.string().min(1).max(65_536).openapi({
      description: 'The call SID (documented). A string, because it often starts with a zero (observed).',
      example: '0907065723240097',
    }),
    dnis: nullableText.openapi({
      description:
        'The dialed number (documented): ten digits, North American, without `+1` (observed). Null if the legacy service sends none.',
      example: '8475551234',
    }),
    number_connected: nullableText.openapi({
      description:
        'The connected number (documented), in the form of `dnis` (observed). Null if the legacy service sends none.',
      example: '3125551265',
    }),
    minutes: z.number().min(0).max(1_000_000_000).nullable().openapi({
      format: 'double',
      description:
        'The length of the call in minutes (documented), in tenths (observed). Null if the legacy service sends no number.',
      example: 5.3,
    }),
    duration_seconds: z.int().min(0).max(60_000_000_000).nullable().openapi({
      format: 'int64',
      description:
        'The length in seconds, calculated from `minutes` and therefore accurate to three seconds. Null if `minutes` is null.',
      example: 318,
    }),
    date: nullableText.openapi({
      description:
        'The time of the call on the clock of the legacy service, unchanged: `YYYY-MM-DD HH:MM:SS` (documented). Null if it sends none.',
      example: '2019-02-20 20:42:11',
    }),
    recorded_at: z.iso.datetime({ offset: true }).nullable().openapi({
      maxLength: 35,
      description:
        '`date` with its UTC offset (RFC 3339). Null if no time zone is configured, or `date` is not a time in that zone.',
      example: '2019-02-20T20:42:11-06:00',
    }),
    audio_url: z.string().max(200_000).openapi({
      format: 'uri-reference',
      description: 'The URL of the audio, without the origin.',
      example: '/recordings/0907065723240097/audio',
    }),
  })
  .openapi('Recording', { description: 'One recorded call.' });

const ListWarningCodeSchema = z.enum(listWarningCodes).openapi('ListWarningCode', {
  description:
    'The repair: `unescaped-ampersand` (kept as text), `html-entity` (decoded), `invalid-character` and `invalid-bytes` (replaced by U+FFFD), `encoding-mismatch` (read in another encoding than the list declares). `recording-without-sid`: omitted.',
  example: 'unescaped-ampersand',
});

const ListWarningSchema = z
  .object({
    code: ListWarningCodeSchema,
    detail: z.string().max(1000).openapi({
      description: 'The same in a sentence.',
      example: 'An unescaped ampersand is kept as text.',
    }),
    sid: z.string().min(1).max(65_536).optional().openapi({
      description:
        'The recording that was repaired. Absent if the warning belongs to no recording of the page.',
      example: '0907065723240097',
    }),
  })
  .openapi('ListWarning', { description: 'A repair of the list that the legacy service sent.' });

export const RecordingListSchema = z
  .object({
    recordings: z
      .array(RecordingSchema)
      .max(1000)
      .openapi({ description: 'In the order of the legacy service, or by `order`.' }),
    next_cursor: z.string().max(maxCursor).nullable().openapi({
      description: 'The `cursor` of the next page. Null on the last page.',
      pattern: cursorPattern,
      example: cursorExample,
    }),
    warnings: z.array(ListWarningSchema).max(6000).optional().openapi({
      description: 'Repairs and omissions in this page. Absent if there were none.',
    }),
  })
  .openapi('RecordingList', { description: 'One page of a list.' });

export const recordingExample = {
  sid: '0932654521723728',
  dnis: '8475551234',
  number_connected: '3125551265',
  minutes: 5.3,
  duration_seconds: 318,
  date: '2019-02-20 20:42:11',
  recorded_at: '2019-02-20T20:42:11-06:00',
  audio_url: '/recordings/0932654521723728/audio',
};

export const recordingListExample = {
  recordings: [recordingExample],
  next_cursor: null,
};
