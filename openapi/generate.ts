/** Writes the document from the routes; with `--check` says instead whether the committed one is out of date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { toDocument } from '../src/openapi.ts';
import { createServices } from '../src/services.ts';

/** The document is made of declarations alone, so nothing behind the routes is ever reached. */
export function generate(): string {
  const config = readConfig({ LEGACY_API_URL: 'https://legacy.example/ibp_api.php' });
  const transport = () => Promise.reject(new Error('the document needs no legacy service'));
  const app = createApp(
    createServices(config, { transport, bucket: null, waitUntil: () => {}, log: () => {} }),
  );
  return `${JSON.stringify(toDocument(app), null, 2)}\n`;
}

if (import.meta.main) {
  const file = new URL('./openapi.json', import.meta.url);
  const text = generate();
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error('openapi/openapi.json is out of date: npm run openapi');
    process.exitCode = 1;
  }
}
