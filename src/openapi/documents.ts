/**
 * The served documents, encoded in advance: building one takes more CPU time than a small Workers plan allows per
 * request.
 */
import type { JsonObject } from './json.ts';
import { toOpenApi30 } from './openapi-3.0.ts';

/** Reads the committed OpenAPI 3.1 document. */
export type LoadDocument = () => Promise<JsonObject>;

/** JSON in UTF-8, encoded once instead of per request. */
export interface Documents {
  readonly current: Uint8Array<ArrayBuffer>;
  /** The OpenAPI 3.0.3 twin. */
  readonly older: Uint8Array<ArrayBuffer>;
}

/** Loads on first use and caches; `publicUrl` becomes the server URL. */
export function createDocuments(load: LoadDocument, publicUrl: string | null): () => Promise<Documents> {
  let documents: Documents | undefined;
  return async () => {
    // Caches the documents instead of their promise: on Workers, a request must not await another request's promise.
    documents ??= encode(await load(), publicUrl);
    return documents;
  };
}

function encode(document: JsonObject, publicUrl: string | null): Documents {
  const served: JsonObject = publicUrl ? { ...document, servers: [{ url: publicUrl }] } : document;
  const toBytes = (value: JsonObject) => new TextEncoder().encode(JSON.stringify(value));
  return { current: toBytes(served), older: toBytes(toOpenApi30(served)) };
}
