/** What the list of recordings is asked with and answered with. */
import { z } from '@hono/zod-openapi';
import { idParameter, RecordingTypeSchema } from '../openapi/schemas.ts';
import { maxCursor } from '../recordings/cursor.ts';

/** Base64url, a dot, base64url. */
const cursorPattern = '^[A-Za-z0-9_-]{1,7950}\\.[A-Za-z0-9_-]{43}$';

const cursorExample = 'eyJ2IjoxfQ.mHzQyC2yIhF0qJw9k3Yb7uVd1oRrT5sXeLgPaNnK4Zc';

const limitError = 'must be a whole number from 1 to 1000';

const dateParameter = z.iso.date('must be a date, as 2019-02-20');

export const listQuery = z
  .strictObject({
    type: RecordingTypeSchema.openapi({
      param: { description: 'What kind of thing made the recordings.' },
      example: 'findme',
    }),
    id: idParameter.openapi({ param: { description: 'The id of that thing.' }, example: 1234 }),
    limit: z
      .string()
      .regex(/^\d{1,4}$/, limitError)
      .transform(Number)
      .pipe(z.int().min(1, limitError).max(1000, limitError))
      .optional()
      .openapi({
        param: { description: 'How many recordings a page has at most.' },
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
          description:
            'The `next_cursor` of the page before, for the same list. Opaque: nothing else is a cursor.',
        },
        // No example: the reference would send it, and no cursor but one's own is any good.
        pattern: cursorPattern,
      }),
    from: dateParameter.optional().openapi({
      param: { description: "The first day, by the legacy service's own clock. Not after `to`." },
      maxLength: 10,
      example: '2019-01-01',
    }),
    to: dateParameter.optional().openapi({
      param: { description: 'The last day, by the same clock.' },
      maxLength: 10,
      example: '2019-02-28',
    }),
  })
  .refine(({ from, to }) => !from || !to || from <= to, { path: ['from'], error: 'must not be after to' });

const nullableText = z.string().max(65_536).nullable();

export const RecordingSchema = z
  .object({
    sid: z.string().min(1).max(65_536).openapi({
      description: 'The call SID (documented). A string: it often starts with a zero (observed).',
      example: '0907065723240097',
    }),
    dnis: nullableText.openapi({
      description:
        'The number that was dialled (documented); ten digits of North America without `+1` (observed). Null where the legacy service gives none.',
      example: '8475551234',
    }),
    number_connected: nullableText.openapi({
      description:
        'The number that was connected (documented); digits as in `dnis` (observed). Null where the legacy service gives none.',
      example: '3125551265',
    }),
    minutes: z.number().min(0).max(1_000_000_000).nullable().openapi({
      format: 'double',
      description:
        'How long the call was, in minutes (documented), to a tenth (observed). Null where the legacy service gives no number.',
      example: 5.3,
    }),
    duration_seconds: z.int().min(0).max(60_000_000_000).nullable().openapi({
      format: 'int64',
      description: 'The same in seconds, reckoned from `minutes`, so give or take three. Null where that is.',
      example: 318,
    }),
    date: nullableText.openapi({
      description:
        "When the call was, by the legacy service's own clock, untouched: `YYYY-MM-DD HH:MM:SS` (documented). Null where it gives none.",
      example: '2019-02-20 20:42:11',
    }),
    recorded_at: z.iso.datetime({ offset: true }).nullable().openapi({
      maxLength: 35,
      description:
        '`date` as a moment (RFC 3339, with offset). Null where the gateway was not told the zone, or `date` is no time in it.',
      example: '2019-02-20T20:42:11-06:00',
    }),
    audio_url: z.string().max(200_000).openapi({
      format: 'uri-reference',
      description: 'Where the audio is: to be resolved against the address of the gateway.',
      example: '/recordings/0907065723240097/audio',
    }),
  })
  .openapi('Recording', { description: 'One recorded call.' });

export const RecordingListSchema = z
  .object({
    recordings: z
      .array(RecordingSchema)
      .max(1000)
      .openapi({ description: 'In the order in which the legacy service gives them.' }),
    next_cursor: z.string().max(maxCursor).nullable().openapi({
      description: 'What `cursor` is asked with for the next page. Null on the last one.',
      pattern: cursorPattern,
      example: cursorExample,
    }),
  })
  .openapi('RecordingList', { description: 'One page of a list.' });

export const recordingListExample = {
  recordings: [
    {
      sid: '0932654521723728',
      dnis: '8475551234',
      number_connected: '3125551265',
      minutes: 5.3,
      duration_seconds: 318,
      date: '2019-02-20 20:42:11',
      recorded_at: '2019-02-20T20:42:11-06:00',
      audio_url: '/recordings/0932654521723728/audio',
    },
  ],
  next_cursor: null,
};
