/**
 * Stands in for @asteasolutions/zod-to-openapi in the Worker's bundle (see wrangler.toml): the Worker serves the document
 * from its assets and generates none, so that it needs the registry without the generators.
 */
export { extendZodWithOpenApi, getOpenApiMetadata, OpenAPIRegistry } from '#zod-to-openapi';
export { refuse as OpenApiGeneratorV3, refuse as OpenApiGeneratorV31 };

function refuse(): never {
  throw new Error('the Worker has no generator of documents: read openapi.json from the assets');
}
