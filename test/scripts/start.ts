/** `npm start`: the emulated legacy API and, in front of it, the gateway on the local Workers runtime. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator } from '../emulator/emulator.ts';
import { serveEmulator } from '../emulator/server.ts';

const host = '127.0.0.1';
const emulator = createEmulator();
const legacy = await serveEmulator(emulator, { port: await freePort(8790) });
const port = await freePort(Number(process.env.PORT ?? 8787));
const url = `http://${host}:${port}`;

const { accessKey, secretAccessKey } = emulator.account('page');
const variables = {
  LEGACY_API_URL: legacy.url,
  LEGACY_TIME_ZONE: 'America/Chicago',
  // The emulated vendor fetches uploads here.
  PUBLIC_URL: url,
  // Tokens and links are valid until the next start, as are stored objects.
  TOKEN_KEYS: randomBytes(32).toString('base64'),
  PANEL_DEMO_KEYS: `${accessKey}:${secretAccessKey}`,
};
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
`);

async function answering(address: string): Promise<void> {
  for (;;) {
    const response = await fetch(address).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The wanted port, or another one if it is taken. */
async function freePort(wanted: number): Promise<number> {
  for (const candidate of [wanted, 0]) {
    const server = createServer().listen(candidate, host);
    const isFree = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]);
    const address = server.address();
    server.close();
    if (isFree && address && typeof address === 'object') return address.port;
  }
  throw new Error('there is no free port');
}
