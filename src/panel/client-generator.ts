/** The panel's client of the gateway, generated from the document as any other client would be. */
import { registerHooks } from 'node:module';

/** Into the folder `path`, which is emptied first. */
export async function generateClient(input: string, path: string): Promise<void> {
  // The generator works with parts that TypeScript's seventh version no longer has: it gets the one of the clients' workspace.
  const clients = new URL('../../test/clients/package.json', import.meta.url).href;
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, specifier === 'typescript' ? { ...context, parentURL: clients } : context),
  });
  const { createClient } = await import('@hey-api/openapi-ts');
  await createClient({
    input,
    // Its own files fall short of the strictness that ours are held to; what they declare is checked where it is used.
    output: { path, module: { extension: '.ts' }, header: ['// @ts-nocheck'] },
    plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
    logs: { level: 'silent' },
  });
  hooks.deregister();
}
