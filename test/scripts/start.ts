/** `npm start`: the emulated legacy API and, in front of it, the gateway on the local Workers runtime. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findUnknown } from '../../src/config/unknown-names.ts';
import { documentedVariables } from '../../src/config/variables.ts';
import { readCommit } from '../../src/node/commit.ts';
import { createEmulator } from '../emulator/emulator.ts';
import { serveEmulator } from '../emulator/server.ts';
import { findFreePort, isFree } from '../support/free-port.ts';

const host = '127.0.0.1';
const { LEGACY_TIME_ZONE: timeZone = 'America/Chicago' } = process.env;
const emulator = createEmulator({ timeZone });
const legacy = await serveEmulator(emulator, { port: 8790 }).catch(() => serveEmulator(emulator));
const port = await choosePort(Number(process.env.PORT ?? 8787));
const url = `http://${host}:${port}`;

const { accessKey, secretAccessKey } = emulator.account('page');
const variables = {
  LEGACY_TIME_ZONE: timeZone,
  // The emulated vendor fetches uploads here.
  PUBLIC_URL: url,
  // Tokens and links are valid until the next start, as are stored objects.
  TOKEN_KEYS: randomBytes(32).toString('base64'),
  PANEL_DEMO_KEYS: `${accessKey}:${secretAccessKey}`,
  COMMIT: readCommit(new URL('../..', import.meta.url).pathname) ?? '',
  // Recordings that are still being processed are tried again while you watch an export.
  EXPORT_RETRY_SECONDS: '20',
  ...readVariables(process.env),
  LEGACY_API_URL: legacy.url,
};
for (const { name, similar } of findUnknown(process.env)) {
  console.warn(`${name} is not a variable of the gateway.${similar ? ` Did you mean ${similar}?` : ''}`);
}
const store = mkdtempSync(join(tmpdir(), 'recordings-gateway-'));
process.once('exit', () => rmSync(store, { recursive: true, force: true }));
const gateway = spawn(
  'wrangler',
  [
    'dev',
    ...['--env', 'local', '--persist-to', store],
    ...['--ip', host, '--port', String(port), '--inspector-port', '0', '--log-level', 'warn'],
    '--show-interactive-dev-session=false',
    ...Object.entries(variables).flatMap(([name, value]) => ['--var', `${name}:${value}`]),
  ],
  {
    stdio: ['ignore', 'inherit', 'inherit'],
    // The runtime would look up this machine's location, and send metrics.
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false' },
  },
);
gateway.once('exit', (code) => process.exit(code ?? 0));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => gateway.kill(signal));

await answering(`${url}/health`);
console.log(`
The gateway is running:   ${url}
The emulated legacy API:  ${legacy.url}

Try it: open the first of them in a browser, or
  curl -u ${accessKey}:${secretAccessKey} '${url}/recordings?type=findme&id=1234'

The emulator (docs/emulator.md):
  plays         findme 1234, recorded_calls 1234, and in queue 1234 an hour's call
  in queue 1234 also a recording in process, one that cannot be fetched, one that cannot be removed
  long lists    powerdialer 1000, 10000, 100000 and 1000000
  accounts      ${accessKey}:${secretAccessKey}, and two more, which npm run emulator prints
  fails with    curl -X PUT ${new URL(legacy.url).origin}/_emulator/fault -d '{ "name": "unavailable", "times": 1 }'
`);

/** The gateway's variables of the environment, so that `CORS_ORIGINS=… npm start` works. */
function readVariables(environment: NodeJS.ProcessEnv): Record<string, string> {
  const names = Object.keys(documentedVariables.gateway);
  return Object.fromEntries(names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
}

async function answering(address: string): Promise<void> {
  for (;;) {
    const response = await fetch(address).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The wanted port, or another one if it is taken or 0. */
async function choosePort(wanted: number): Promise<number> {
  return wanted !== 0 && (await isFree(wanted)) ? wanted : await findFreePort();
}
