/** Schemas of a recording, and of a page of a list. */
import { z } from '@hono/zod-openapi';
import { maxCursor } from '../recordings/cursor.ts';
import { listWarningCodes } from '../recordings/list-warnings.ts';
import { cursorPattern } from './recording-parameters.ts';

const cursorExample = 'eyJ2IjoxfQ.mHzQyC2yIhF0qJw9k3Yb7uVd1oRrT5sXeLgPaNnK4Zc';

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
