/** `npm run test:schemathesis`: all its checks and phases against the Node entry; skipped with a word where Python or PyPI is not there. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createEmulator } from '../../emulator/emulator.ts';
import { serveEmulator } from '../../emulator/server.ts';

const here = new URL('.', import.meta.url).pathname;
const venv = join(here, '../../../node_modules/.cache/schemathesis');
const version = '4.32.5';
const run = promisify(execFile);

async function install(): Promise<void> {
  if (existsSync(join(venv, 'bin/schemathesis'))) return;
  await run('python3', ['-m', 'venv', venv]);
  await run(join(venv, 'bin/pip'), ['install', '--quiet', `schemathesis==${version}`]);
}

try {
  await install();
} catch (error) {
  console.log(`skipped schemathesis: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
  process.exit(0);
}

const emulator = createEmulator();
const legacy = await serveEmulator(emulator);
const gateway = spawn(process.execPath, [join(here, '../../../src/node/main.ts')], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    ...process.env,
    PORT: '0',
    LEGACY_API_URL: legacy.url,
    TOKEN_KEYS: btoa('a key for tests, 32 bytes long..'),
  },
});
const url = await new Promise<string>((resolve) => {
  gateway.stdout.setEncoding('utf8').on('data', (text: string) => {
    const [address] = /http:\/\/\S+:\d+/.exec(text) ?? [];
    if (address) resolve(address);
  });
});

const args = [
  ...['--config-file', join(here, 'schemathesis.toml'), 'run', `${url}/openapi.json`],
  ...['--auth', 'foofoofoo:foobarfoo', '--mode', 'all'],
  ...['--phases', 'examples,coverage,fuzzing,stateful', '--max-examples', '40'],
  ...['--request-timeout', '30', '--generation-database', 'none', '--no-color', '--warnings', 'off'],
];
const schemathesis = spawn(join(venv, 'bin/schemathesis'), args, {
  stdio: ['ignore', 'inherit', 'inherit'],
  cwd: here,
  env: { ...process.env, SCHEMATHESIS_HOOKS: 'hooks', PYTHONPATH: here, PYTHONDONTWRITEBYTECODE: '1' },
  timeout: 150_000,
});
const [code] = await once(schemathesis, 'exit');
gateway.kill();
await legacy.close();
process.exitCode = code === 0 ? 0 : 1;
