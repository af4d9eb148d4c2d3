/** Writes both documents from the routes, and the generated tables of docs/. With `--check`, reports outdated files instead. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import type { JsonObject } from '../src/openapi/json.ts';
import { toOpenApi30 } from '../src/openapi/openapi-3.0.ts';
import { createServices } from '../src/services.ts';
import { withTables } from './doc-tables.ts';
import { toDocument } from './document.ts';

/** The document consists of declarations, so no handler runs. */
export function generate(): Record<'openapi.json' | 'openapi-3.0.json', JsonObject> {
  const config = readConfig({ LEGACY_API_URL: 'https://legacy.example/ibp_api.php' });
  const unused = () => {
    throw new Error('the document needs no streams');
  };
  const transport = () => Promise.reject(new Error('the document needs no legacy service'));
  const app = createApp(
    createServices(config, {
      transport,
      store: null,
      createPassThrough: unused,
      createDigest: unused,
      hmac: unused,
      waitUntil: () => {},
      isReady: () => true,
      activeTraceId: () => null,
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

const docs = new URL('../docs/', import.meta.url);

/** Every generated file: its URL and its text. */
function toFiles(): [file: URL, text: string][] {
  const documents = Object.entries(generate()).map(([name, document]): [URL, string] => [
    new URL(name, import.meta.url),
    `${JSON.stringify(document, null, 2)}\n`,
  ]);
  const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));
  const filled = pages.map((name): [URL, string] => {
    const page = new URL(name, docs);
    return [page, withTables(readFileSync(page, 'utf8'))];
  });
  return [...documents, ...filled];
}

if (import.meta.main) {
  for (const [file, text] of toFiles()) {
    if (!process.argv.includes('--check')) writeFileSync(file, text);
    else if (readFileSync(file, 'utf8') !== text) {
      console.error(`${relative(process.cwd(), fileURLToPath(file))} is out of date: npm run openapi`);
      process.exitCode = 1;
    }
  }
}
