/** The panel's client of the gateway, generated from the document as any other client would be. */
import { createClient } from '@hey-api/openapi-ts';

/** Into the folder `path`, which is emptied first. */
export async function generateClient(input: string, path: string): Promise<void> {
  await createClient({
    input,
    // Its own files fall short of the strictness that ours are held to; what they declare is checked where it is used.
    output: { path, module: { extension: '.ts' }, header: ['// @ts-nocheck'] },
    plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
    logs: { level: 'silent' },
  });
}
