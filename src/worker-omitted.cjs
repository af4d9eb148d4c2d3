/**
 * Stands in the Worker's bundle for what serves tools and not requests (see wrangler.toml): the generator of the OpenAPI
 * document, which is written before, on Node; zod's JSON Schema, and its compiler, which needs the `eval` that Workers
 * do not have; and the checks of entities that a DTD declares, since a DTD is refused before it gets there.
 */
const absent = () => undefined;

class OpenAPIRegistry {
  definitions = [];
  register = (_name, schema) => schema;
  registerParameter = (_name, schema) => schema;
  registerComponent = absent;
  registerPath = absent;
}

module.exports = {
  createToJSONSchemaMethod: () => absent,
  createStandardJSONSchemaMethod: () => absent,
  isUnsafe: () => true,
  OpenAPIRegistry,
  getOpenApiMetadata: () => ({}),
  extendZodWithOpenApi({ ZodType }) {
    ZodType.prototype.openapi = function openapi() {
      return this;
    };
  },
};
