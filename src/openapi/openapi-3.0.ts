/** The OpenAPI 3.0.3 twin of the 3.1 document, for generators without support for 3.1. */
import { type Json, type JsonObject, mapObjects } from './json.ts';

/** Equivalent where 3.0 can express it, otherwise less specific (`if`). Cheap: it runs once per start of the gateway. */
export function toOpenApi30(document: JsonObject): JsonObject {
  return { ...mapObjects(document, toOlder), openapi: '3.0.3' };
}

function toOlder(object: JsonObject): JsonObject {
  if ('if' in object && 'then' in object) {
    const { if: _if, then: _then, else: _else, ...rest } = object;
    return rest;
  }
  if (/^date(?:-time)?$/.test(String(object.format)) && 'maxLength' in object) {
    // PHP clients read a date as an object, and fail to measure its length.
    const { maxLength: _maxLength, ...rest } = object;
    return toOlder(rest);
  }
  return Array.isArray(object.type) ? toNullable(object, object.type) : object;
}

function toNullable(schema: JsonObject, types: readonly Json[]): JsonObject {
  const [type = null, ...others] = types.filter((name) => name !== 'null');
  if (others.length > 0) throw new TypeError('OpenAPI 3.0 has no unions of types');
  return { ...schema, type, ...(types.includes('null') && { nullable: true }) };
}
