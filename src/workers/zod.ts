/**
 * Stands in for zod in the Worker's bundle (see wrangler.toml): with the whole package as the value `z`, which
 * @hono/zod-openapi imports, the bundle would contain all of it.
 */
export * from './zod-parts.ts';
export * as z from './zod-parts.ts';
