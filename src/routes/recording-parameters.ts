/** Parameters of lists and of one recording: the resource, the page, and the filters. */
import { z } from '@hono/zod-openapi';
import { idParameter, mustBeOneOf, RecordingTypeSchema } from '../openapi/schemas.ts';
import { maxCursor } from '../recordings/cursor.ts';
import { orders } from '../recordings/list-order.ts';

/** Base64url, a dot, base64url. */
export const cursorPattern = '^[A-Za-z0-9_-]{1,7950}\\.[A-Za-z0-9_-]{43}$';

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
