/**
 * Stands in the Worker's bundle for what serves tools and not requests (see wrangler.toml): the generator of the OpenAPI
 * document, which is written before, on Node; zod's JSON Schema; and fast-xml-parser's reader of a DTD, which is refused
 * before it gets there.
 */
import type { ZodType } from 'zod/v4';

const absent = () => undefined;

// zod
export const createToJSONSchemaMethod = () => absent;
export const createStandardJSONSchemaMethod = () => absent;
export {
  absent as allProcessors,
  absent as extractDefs,
  absent as finalize,
  absent as initializeContext,
  absent as process,
  absent as processSchema,
  absent as toJSONSchema,
};

// fast-xml-parser, which tells it the version of every XML declaration
export default class DocTypeReader {
  readonly setXmlVersion = absent;
}
export { absent as HTML, absent as isUnsafe, absent as XML };

// @asteasolutions/zod-to-openapi; of the registry there is what the request log reads: the routes
export class OpenAPIRegistry {
  readonly definitions: unknown[] = [];
  readonly register = (_name: string, schema: unknown) => schema;
  readonly registerParameter = (_name: string, schema: unknown) => schema;
  readonly registerComponent = absent;
  readonly registerPath = (route: unknown) => this.definitions.push({ type: 'route', route });
}

export { absent as OpenApiGeneratorV3, absent as OpenApiGeneratorV31 };

export const getOpenApiMetadata = () => ({});

export function extendZodWithOpenApi(zod: { ZodType: typeof ZodType }): void {
  Object.assign(zod.ZodType.prototype, {
    openapi(this: ZodType) {
      return this;
    },
  });
}
