/** The gateway for generated clients: the deployed Worker with R2, in front of an emulator that fetches from it. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator } from '../emulator/emulator.ts';
import { serveEmulator } from '../emulator/server.ts';
import { findFreePort } from '../support/free-port.ts';
import { startMiniflare } from '../support/workerd.ts';
import { deeds, type Refusal, refusals, toScenario } from './scenarios.ts';

export interface ClientsGateway {
  readonly url: string;
  /** Environment variables of a client's program. */
  readonly env: Readonly<Record<string, string>>;
  /** By name, in the order of the table. */
  readonly scenarios: readonly string[];
  /** A fresh emulator for the next client. */
  reset(): void;
  close(): Promise<void>;
}

const keys = 'foofoofoo:foobarfoo';

export async function startClientsGateway(): Promise<ClientsGateway> {
  const emulator = createEmulator();
  const legacy = await serveEmulator(emulator);
  const port = await findFreePort();
  const worker = await startMiniflare({
    port,
    vars: {
      LEGACY_API_URL: legacy.url,
      LEGACY_FIRST_BYTE_TIMEOUT_MS: '1500',
      LEGACY_ANSWER_TIMEOUT_MS: '3000',
      LEGACY_TIME_ZONE: 'America/Chicago',
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      TOKEN_KEYS: btoa('a key for tests, 32 bytes long..'),
    },
  });
  const directory = await mkdtemp(join(tmpdir(), 'clients-'));
  const rows = refusals(await readOnlyToken(worker.url));
  const sounds = { wav: join(directory, 'call.wav'), mp3: join(directory, 'call.mp3') };
  const digests: Record<string, string> = {};
  for (const [format, file] of Object.entries(sounds)) {
    const bytes = await download(legacy.url, format);
    await writeFile(file, bytes);
    digests[format] = createHash('sha256').update(bytes).digest('hex');
  }
  await writeFile(join(directory, 'refusals.tsv'), rows.map(toLine).join(''));
  return {
    url: worker.url,
    scenarios: [...deeds, ...rows.map(toScenario)],
    env: {
      GATEWAY_URL: worker.url,
      EMULATOR_URL: new URL(legacy.url).origin,
      REFUSALS: join(directory, 'refusals.tsv'),
      WAV_FILE: sounds.wav,
      MP3_FILE: sounds.mp3,
      WAV_SHA256: digests.wav ?? '',
      MP3_SHA256: digests.mp3 ?? '',
    },
    reset: () => emulator.reset(),
    async close() {
      await worker.close();
      await legacy.close();
      await rm(directory, { recursive: true });
    },
  };
}

function toLine(refusal: Refusal): string {
  const { slug, status, call, argument, credentials, fault } = refusal;
  return `${[toScenario(refusal), slug, status, call, argument, credentials, fault].join('\t')}\n`;
}

async function readOnlyToken(url: string): Promise<string> {
  const response = await fetch(`${url}/oauth/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(keys)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'recordings:read' }),
  });
  if (!response.ok) throw new Error(`No token: ${await response.text()}`);
  const { access_token } = (await response.json()) as { access_token: string };
  return access_token;
}

/** The legacy service's own response. */
async function download(legacy: string, format: string): Promise<Buffer> {
  const [access_key = '', secret_access_key = ''] = keys.split(':');
  const action = 'recording.download';
  const query = new URLSearchParams({
    ...{ access_key, secret_access_key, action, format },
    ...{ sid: '0907065723240097', sample_rate: '8000' },
  });
  const response = await fetch(`${legacy}?${query}`);
  return Buffer.from(await response.arrayBuffer());
}
