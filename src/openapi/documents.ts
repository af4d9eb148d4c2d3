/** The documents as they are served: made beforehand, since building one takes more CPU than a small plan has for a request. */
import type { JsonObject } from './json.ts';
import { toOpenApi30 } from './openapi-3.0.ts';

/** Reads the committed OpenAPI 3.1 document. */
export type LoadDocument = () => Promise<JsonObject>;

/** As JSON in UTF-8: encoded once and not for each request. */
export interface Documents {
  readonly current: Uint8Array<ArrayBuffer>;
  /** The OpenAPI 3.0.3 twin. */
  readonly older: Uint8Array<ArrayBuffer>;
}

/** Loaded when it is first asked for, and kept; `publicUrl` is the server that it names. */
export function createDocuments(load: LoadDocument, publicUrl: string | null): () => Promise<Documents> {
  let documents: Documents | undefined;
  return async () => {
    // What is kept is the documents and not the promise: in Workers, requests must not wait for each other's.
    documents ??= encode(await load(), publicUrl);
    return documents;
  };
}

function encode(document: JsonObject, publicUrl: string | null): Documents {
  const served: JsonObject = publicUrl ? { ...document, servers: [{ url: publicUrl }] } : document;
  const toBytes = (value: JsonObject) => new TextEncoder().encode(JSON.stringify(value));
  return { current: toBytes(served), older: toBytes(toOpenApi30(served)) };
}
