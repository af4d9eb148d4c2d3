/**
 * The part of zod that our schemas use, in the Worker's bundle (see wrangler.toml): the whole of it would come along as
 * soon as anybody holds `z` as a value, as @hono/zod-openapi does. A name that is missing here fails the Worker's start.
 */
export {
  array,
  coerce,
  custom,
  enum,
  int,
  iso,
  literal,
  looseObject,
  NEVER,
  number,
  object,
  strictObject,
  string,
  tuple,
  url,
  uuid,
  ZodType,
} from 'zod/v4';
export * as z from './zod.ts';
