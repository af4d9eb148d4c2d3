/** All mistakes in variables are reported at once, without values. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { readStoreConfigs } from '../../src/config/store.ts';
import { documentedVariables } from '../../src/config/variables.ts';
import { readConfig, readListenConfig } from '../../src/config.ts';

const root = new URL('../..', import.meta.url).pathname;
const named = Object.keys({ ...documentedVariables.gateway, ...documentedVariables.node });
const legacy = { LEGACY_API_URL: 'https://legacy.example/ibp_api.php' };

test.each(named)('an invalid %s is reported without its value', (name) => {
  const environment = { ...legacy, [name]: '{canary}' };
  const read = () => [readConfig(environment), readListenConfig(environment), readStoreConfigs(environment)];
  expect(read).toThrow(name);
  expect(read).not.toThrow('canary');
});

test('all mistakes are reported at once, each of them once', () => {
  const read = () => readConfig({ RATE_LIMIT: '1e99', LEGACY_METHOD: 'PUT', PUBLIC_URL: 'canary/x' });
  const lines = [
    'LEGACY_API_URL is required',
    'LEGACY_METHOD must be GET or POST',
    'PUBLIC_URL must be an http(s) address, such as https://recordings.example.com',
    'RATE_LIMIT must be a whole number from 1 to 1000000000',
  ];
  expect(read).toThrow(new RegExp(`^${lines.join('\n').replaceAll(/[()]/g, '\\$&')}$`));
});

/** Runs the Node entry until it exits. */
async function start(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['src/node/main.ts'], {
    cwd: root,
    env: { PORT: '0', ...legacy, ...env },
  });
  onTestFinished(() => void child.kill());
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { said, code };
}

test('the Node entry reports the mistake without a stack', async () => {
  expect(await start({ LEGACY_METHOD: 'canary' })).toEqual({
    said: 'LEGACY_METHOD must be GET or POST\n',
    code: 1,
  });
  expect(await start({ LEGACY_ACCESS_KEY: 'canary' })).toEqual({
    said: 'LEGACY_ACCESS_KEY and LEGACY_SECRET_ACCESS_KEY must be set together\n',
    code: 1,
  });
});

test.each(['PORT', 'METRICS_PORT'])('names %s if its port is taken', async (name) => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const { said, code } = await start({ [name]: String(port) });
  expect(said).toMatch(new RegExp(`^(?:METRICS_)?HOST and ${name}: listen EADDRINUSE.*\n$`));
  expect(code).toBe(1);
});
