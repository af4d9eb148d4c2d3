/** What the list of recordings is asked with and answered with. */
import { z } from '@hono/zod-openapi';
import { maxCursor } from '../recordings/cursor.ts';
import { documentedTypes, idParameter } from './schemas.ts';

const limitError = 'must be a whole number from 1 to 1000';

const dateParameter = z.iso.date('must be a date, as 2019-02-20');

export const listQuery = z
  .strictObject({
    type: z
      .enum(documentedTypes)
      .openapi({ description: 'What kind of thing made the recordings.', example: 'findme' }),
    id: idParameter.openapi({ description: 'The id of that thing.', example: 1234 }),
    limit: z
      .string()
      .regex(/^\d{1,4}$/, limitError)
      .transform(Number)
      .pipe(z.int().min(1, limitError).max(1000, limitError))
      .optional()
      .openapi({
        type: 'integer',
        minimum: 1,
        maximum: 1000,
        default: 100,
        description: 'How many a page has at most.',
      }),
    cursor: z
      .string()
      .min(1)
      .max(maxCursor)
      .optional()
      .openapi({ description: 'The `next_cursor` of the page before.' }),
    from: dateParameter
      .optional()
      .openapi({ description: "The first day, by the legacy service's own clock." }),
    to: dateParameter
      .optional()
      .openapi({ description: 'The last day, by the same clock.', example: '2019-02-28' }),
  })
  .refine(({ from, to }) => !from || !to || from <= to, { path: ['from'], error: 'must not be after to' });

const nullableText = z.string().max(65_536).nullable();

export const RecordingSchema = z
  .object({
    sid: z.string().min(1).max(65_536).openapi({ description: 'The call SID.', example: '0907065723240097' }),
    dnis: nullableText.openapi({ description: 'The number that was dialled.', example: '8475551234' }),
    number_connected: nullableText.openapi({
      description: 'The number that was connected.',
      example: '3125551265',
    }),
    minutes: z.number().min(0).nullable().openapi({ description: 'In minutes, to a tenth.', example: 5.3 }),
    duration_seconds: z
      .int()
      .min(0)
      .nullable()
      .openapi({ description: 'In seconds, from `minutes`, so give or take three.', example: 318 }),
    date: nullableText.openapi({
      description: "The legacy service's own clock, untouched.",
      example: '2019-02-20 20:42:11',
    }),
    recorded_at: z.iso
      .datetime({ offset: true })
      .nullable()
      .openapi({ description: '`date` with its offset, where the zone is configured and the time exists.' }),
    audio_url: z
      .string()
      .max(200_000)
      .openapi({ format: 'uri-reference', example: '/recordings/0907065723240097/audio' }),
  })
  .openapi('Recording');

export const RecordingListSchema = z
  .object({
    recordings: z.array(RecordingSchema).max(1000),
    next_cursor: z.string().max(maxCursor).nullable().openapi({ description: 'Null on the last page.' }),
  })
  .openapi('RecordingList');
