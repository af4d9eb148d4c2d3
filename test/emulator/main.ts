/** `npm run emulator`: the emulated vendor alone, on HOST and PORT. */
import { createEmulator } from './emulator.ts';
import { serveEmulator } from './server.ts';

const { HOST = '127.0.0.1', PORT = '8790', LEGACY_TIME_ZONE: timeZone } = process.env;
const emulator = createEmulator({ ...(timeZone && { timeZone }) });
const server = await serveEmulator(emulator, { host: HOST, port: Number(PORT) });

console.log(`Emulated legacy API: ${server.url}`);
for (const { name, accessKey, secretAccessKey } of emulator.accounts) {
  console.log(`Account ${name}: access_key ${accessKey} secret_access_key ${secretAccessKey}`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void server.close().then(() => process.exit(0));
  });
}
