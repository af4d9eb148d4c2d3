/**
 * Stands in the Worker's bundle for the parts of zod that serve tools and not requests: JSON Schema in and out, and the
 * compiler, which needs the `eval` that Workers do not have. The document is generated before, on Node. See wrangler.toml.
 */
const absent = () => undefined;

module.exports = {
  createToJSONSchemaMethod: () => absent,
  createStandardJSONSchemaMethod: () => absent,
};
