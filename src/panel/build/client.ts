/** The panel's client of the gateway, generated from the document like any other client. */
import { createClient } from '@hey-api/openapi-ts';

/** Writes into the folder `path`, which is emptied first. */
export async function generateClient(input: string, path: string): Promise<void> {
  await createClient({
    input,
    // The generated files do not meet our compiler options; their types are checked where they are used.
    output: { path, module: { extension: '.ts' }, header: ['// @ts-nocheck'] },
    plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
    logs: { level: 'silent' },
  });
}
