/** The production install of docs/operations.md as written: its commands, the unit's process, and the Containerfile's. */
import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { version } from '../../src/config/build.ts';
import { createEmulator } from '../emulator/emulator.ts';
import { serveEmulator } from '../emulator/server.ts';
import { basic } from '../support/harness.ts';

const root = new URL('../..', import.meta.url).pathname;
const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');
const timeout = 180_000;
const list = '/recordings?type=findme&id=1234';

function readBlock(language: string, first: string): string {
  const blocks = Array.from(page.matchAll(/^( *)```(\w+)\n(.*?)^ *```$/gms));
  const found = blocks.find(
    ([, , name, text = '']) => name === language && text.trimStart().startsWith(first),
  );
  if (!found) throw new Error(`docs/operations.md has no ${language} block that begins with ${first}`);
  return (found[3] ?? '').replaceAll(new RegExp(`^${found[1]}`, 'gm'), '');
}

const readSettings = (text: string) =>
  Array.from(text.matchAll(/^(\w+)=(.*)$/gm), ([, name = '', value = '']) => [name, value] as const);

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'production-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function startLegacy() {
  const emulator = createEmulator();
  const legacy = await serveEmulator(emulator);
  onTestFinished(() => legacy.close());
  return { url: legacy.url, headers: basic(emulator) };
}

/** `npm ci` with the registry responses in npm's cache. */
const run = (command: string, cwd: string) =>
  promisify(execFile)('bash', ['-euo', 'pipefail', '-c', command], {
    cwd,
    env: { ...process.env, npm_config_prefer_offline: 'true' },
  });

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly lines: string[];
}

async function start(command: readonly string[], cwd: string, env: Record<string, string>): Promise<Started> {
  const [program = '', ...parameters] = command;
  const child = spawn(program, parameters, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}: ${lines}`)));
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      const [, port] = /^recordings gateway on http:.*:(\d+)$/.exec(line) ?? [];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
  });
  return { child, url, lines };
}

async function expectServing(
  { url, child, lines }: Started,
  headers: Record<string, string>,
  commit: string | null,
) {
  const health = await fetch(`${url}/health`);
  expect(await health.json()).toEqual({ status: 'ok', version, commit });
  const statuses = [];
  for (const path of ['/health/ready', '/health/legacy', '/panel', '/docs', '/openapi.json', list]) {
    const response = await fetch(url + path, { headers });
    await response.arrayBuffer();
    statuses.push([path, response.status]);
  }
  expect(statuses.filter(([, status]) => status !== 200)).toEqual([]);
  expect(lines.join('\n')).not.toContain('unknown-variable');
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
}

/** In bytes, as `du` counts. */
const sizeOf = (path: string) =>
  Number(execFileSync('du', ['-sk', path], { encoding: 'utf8' }).split('\t')[0]) * 1024;

describe('the systemd unit', () => {
  const unit = readBlock('ini', '# /etc/systemd/system');

  test('serves the lean install, with the variables of the environment file', { timeout }, async () => {
    const folder = createFolder();
    const { url, headers } = await startLegacy();
    execFileSync('bash', ['-c', `git ls-files -z | tar -c --null -T - | tar -x -C ${folder}`], { cwd: root });
    // The build already exists here.
    cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
    const [install = ''] = /^npm ci --omit=dev$/m.exec(page.replaceAll('`', '\n')) ?? [];
    await run(install, folder);
    expect(sizeOf(join(folder, 'node_modules'))).toBeLessThan(45 * 1024 * 1024);

    const settings = readSettings(readBlock('ini', 'LEGACY_API_URL='));
    const digest = createHash('sha256').update('foofoofoo').digest('hex');
    const values: Record<string, string> = {
      LEGACY_API_URL: url,
      ALLOWED_ACCOUNTS: `sha256:${digest}`,
      TOKEN_KEYS: btoa('a key for tests, 32 bytes long..'),
      STORE: `file:${join(folder, 'store')}`,
    };
    const variables = Object.fromEntries(settings.map(([name, value]) => [name, values[name] ?? value]));
    const [, command = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    const words = command.replace('/usr/bin/node', process.execPath).split(' ');
    const started = await start(words, folder, { ...variables, PORT: '0' });
    // The copy has no `.git`, like one made by rsync.
    await expectServing(started, { ...headers, 'X-Forwarded-For': '203.0.113.7' }, null);

    const keys = 'LEGACY_ACCESS_KEY=foofoofoo LEGACY_SECRET_ACCESS_KEY=foobarfoo';
    const exporting =
      'npm run -s export -- --type findme --id 1234 --to file:copies --calls-per-minute 60000';
    const { stdout } = await run(`LEGACY_API_URL=${url} ${keys} ${exporting}`, folder);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', failed: 0 });
  });

  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

  test.runIf(hasSystemd)('is valid for systemd', () => {
    const file = join(createFolder(), 'recordings-gateway@8081.service');
    writeFileSync(file, unit.replace('/usr/bin/node', process.execPath));
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
    expect(stderr.split('\n').filter((line) => line.includes('recordings-gateway'))).toEqual([]);
  });
});

test('the steps of the Containerfile make a gateway that serves', { timeout }, async () => {
  const folder = createFolder();
  const { url, headers } = await startLegacy();
  const env: Record<string, string> = {};
  let command: string[] = [];
  for (const line of readBlock('Dockerfile', '# Containerfile').split('\n')) {
    const [, instruction = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (instruction === 'COPY') copy(rest.split(' '), folder);
    if (instruction === 'RUN') await run(rest, folder);
    if (instruction === 'CMD') command = JSON.parse(rest);
    if (instruction === 'ENV') {
      for (const [name = '', value = ''] of rest.split(' ').map((pair) => pair.split('='))) {
        env[name] = value.replace('$COMMIT', 'abc1234');
      }
    }
  }
  const [program, ...parameters] = command;
  expect([program, env.HOST]).toEqual(['node', '0.0.0.0']);
  const variables = { ...env, HOST: '127.0.0.1', PORT: '0', LEGACY_API_URL: url };
  await expectServing(await start([process.execPath, ...parameters], folder, variables), headers, 'abc1234');
});

function copy(names: string[], folder: string): void {
  const target = names.pop() ?? '';
  for (const name of names) {
    const to = target === './' ? join(folder, name) : join(folder, target);
    mkdirSync(join(to, '..'), { recursive: true });
    cpSync(join(root, name), to, { recursive: true, filter: (path) => !path.includes('/node_modules') });
  }
}
