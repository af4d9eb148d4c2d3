/** Writes both documents from the routes; with `--check` says instead which committed one is out of date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import type { JsonObject } from '../src/openapi/json.ts';
import { toOpenApi30 } from '../src/openapi/openapi-3.0.ts';
import { createServices } from '../src/services.ts';
import { toDocument } from './document.ts';

/** The document is made of declarations alone, so nothing behind the routes is ever reached. */
export function generate(): Record<'openapi.json' | 'openapi-3.0.json', JsonObject> {
  const config = readConfig({ LEGACY_API_URL: 'https://legacy.example/ibp_api.php' });
  const transport = () => Promise.reject(new Error('the document needs no legacy service'));
  const app = createApp(
    createServices(config, {
      transport,
      bucket: null,
      waitUntil: () => {},
      clientAddress: () => 'unknown',
      rateLimits: { callers: null, refusedKeys: null },
      fetch: transport,
      loadDocument: transport,
      assets: null,
      log: () => {},
    }),
  );
  const document = toDocument(app);
  return { 'openapi.json': document, 'openapi-3.0.json': toOpenApi30(document) };
}

if (import.meta.main) {
  for (const [name, document] of Object.entries(generate())) {
    const file = new URL(name, import.meta.url);
    const text = `${JSON.stringify(document, null, 2)}\n`;
    if (!process.argv.includes('--check')) writeFileSync(file, text);
    else if (readFileSync(file, 'utf8') !== text) {
      console.error(`openapi/${name} is out of date: npm run openapi`);
      process.exitCode = 1;
    }
  }
}
