/** JSON as a type, and a walk through it. */

export type Json = string | number | boolean | null | Json[] | JsonObject;
export type JsonObject = { [name: string]: Json };

/** The same value with each object replaced, innermost first. */
export function mapObjects(value: JsonObject, replace: (object: JsonObject) => JsonObject): JsonObject {
  const walk = (part: Json): Json => {
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== 'object' || part === null) return part;
    return replace(Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, walk(inner)])));
  };
  return walk(value) as JsonObject;
}
