/** The documents as they are served: made beforehand, since building one takes more CPU than a small plan has for a request. */
import type { JsonObject } from './json.ts';
import { toOpenApi30 } from './twin.ts';

/** Reads the committed OpenAPI 3.1 document. */
export type LoadDocument = () => Promise<JsonObject>;

/** As JSON texts. */
export interface Documents {
  readonly current: string;
  /** The OpenAPI 3.0.3 twin. */
  readonly older: string;
}

/** Loaded when it is first asked for, and kept; `publicUrl` is the server that it names. */
export function createDocuments(load: LoadDocument, publicUrl: string | null): () => Promise<Documents> {
  let texts: Documents | undefined;
  return async () => {
    // What is kept is the texts and not the promise: in Workers, requests must not wait for each other's.
    texts ??= toTexts(await load(), publicUrl);
    return texts;
  };
}

function toTexts(document: JsonObject, publicUrl: string | null): Documents {
  const served: JsonObject = publicUrl ? { ...document, servers: [{ url: publicUrl }] } : document;
  return { current: JSON.stringify(served), older: JSON.stringify(toOpenApi30(served)) };
}
