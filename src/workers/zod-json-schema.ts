/**
 * Stands in for zod's writer of JSON Schema in the Worker's bundle (see wrangler.toml): every schema refers to it, and
 * only `toJSONSchema` and the limits of a schema (such as `minLength`) call it, which the gateway never reads.
 */
export const createToJSONSchemaMethod = () => refuse;
export const createStandardJSONSchemaMethod = () => refuse;
export { refuse as aggregateChecks, refuse as toJSONSchema };

function refuse(): never {
  throw new Error('the Worker has no writer of JSON Schema');
}
