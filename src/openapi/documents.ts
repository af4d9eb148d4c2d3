/**
 * The served documents, encoded in advance: building one takes more CPU time than a small Workers plan allows per
 * request.
 */
import type { ProblemSlug } from '../problem/types.ts';
import { type JsonObject, mapObjects } from './json.ts';
import { toOpenApi30 } from './openapi-3.0.ts';
import type { Contact, License } from './operator.ts';

/** Reads the committed OpenAPI 3.1 document. */
export type LoadDocument = () => Promise<JsonObject>;

/** JSON in UTF-8, encoded once instead of per request. */
export interface Documents {
  readonly current: Uint8Array<ArrayBuffer>;
  /** The OpenAPI 3.0.3 twin. */
  readonly older: Uint8Array<ArrayBuffer>;
}

/** A deployment's additions to the document. */
export interface Deployment {
  /** The server URL. */
  readonly publicUrl: string | null;
  readonly contact: Contact | null;
  readonly license: License | null;
  /** The problem of operations that are not configured, by operationId or tag. */
  readonly notConfigured: Readonly<Record<string, ProblemSlug>>;
}

/** Loads on first use and caches. */
export function createDocuments(load: LoadDocument, deployment: Deployment): () => Promise<Documents> {
  let documents: Documents | undefined;
  return async () => {
    // Caches the documents instead of their promise: on Workers, a request must not await another request's promise.
    documents ??= encode(await load(), deployment);
    return documents;
  };
}

function encode(document: JsonObject, deployment: Deployment): Documents {
  const { publicUrl, contact, license, notConfigured } = deployment;
  const info = {
    ...(document.info as JsonObject),
    ...(contact && { contact: { ...contact } }),
    ...(license && { license: { ...license } }),
  };
  const noted = mapObjects(document, (object) => toServed(object, notConfigured));
  const served: JsonObject = { ...noted, info, ...(publicUrl && { servers: [{ url: publicUrl }] }) };
  const toBytes = (value: JsonObject) => new TextEncoder().encode(JSON.stringify(value));
  return { current: toBytes(served), older: toBytes(toOpenApi30(served)) };
}

/** With a note in the description of an operation that this deployment does not offer. */
function toServed(object: JsonObject, notConfigured: Deployment['notConfigured']): JsonObject {
  const { operationId, tags, description } = object;
  if (typeof operationId !== 'string') return object;
  const names = [operationId, ...(Array.isArray(tags) ? tags.map(String) : [])];
  const slug = names.map((name) => notConfigured[name]).find((found) => found !== undefined);
  if (!slug) return object;
  const note = `**This deployment does not offer it:** the response is a 501, \`${slug}\`.`;
  return { ...object, description: [note, description].join('\n\n') };
}
