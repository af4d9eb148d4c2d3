/** `npm run export` in a process of its own: a whole export, interrupted by kill -9, with every mistake named. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseOptions } from '../../src/node/export-options.ts';
import { createEmulator } from '../emulator/emulator.ts';
import { serveEmulator } from '../emulator/server.ts';

const root = new URL('../..', import.meta.url).pathname;
const timeout = 90_000;
const emulator = createEmulator();
const account = emulator.account('north');
let legacy: Awaited<ReturnType<typeof serveEmulator>>;
let directory: string;

beforeAll(async () => {
  legacy = await serveEmulator(emulator);
});
afterAll(() => legacy.close());
beforeEach(async () => {
  emulator.reset();
  directory = await mkdtemp(join(tmpdir(), 'export-command-'));
  return () => rm(directory, { recursive: true, force: true });
});

function start(
  parameters: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, ['src/node/export-command.ts', ...parameters], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      INIT_CWD: directory,
      LEGACY_API_URL: legacy.url,
      LEGACY_ACCESS_KEY: account.accessKey,
      LEGACY_SECRET_ACCESS_KEY: account.secretAccessKey,
      EXPORT_RETRY_SECONDS: '1',
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function run(parameters: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const command = start(parameters, variables);
  let [out, error] = ['', ''];
  command.stdout?.on('data', (text) => {
    out += text;
  });
  command.stderr?.on('data', (text) => {
    error += text;
  });
  const [code] = await once(command, 'close');
  return { code: code as number, out, error };
}

function fill(id: string, count: number): void {
  for (let index = 0; index < count; index += 1) {
    account.add('queue', id, { sid: `${id}${String(index).padStart(6, '0')}`, seconds: 1 });
  }
}

const to = ['--to', 'file:copies'];
const fast = ['--calls-per-minute', '60000'];

interface Row {
  readonly key: string;
  readonly sha256: string;
}

const readManifest = () => {
  const [path = ''] = globSync('copies/**/manifest.ndjson', { cwd: directory });
  const lines = readFileSync(join(directory, path), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Row);
};
const countDownloads = () =>
  emulator.calls.filter(({ action, state }) => action === 'recording.download' && state === 'finished')
    .length;

describe('npm run export', { timeout }, () => {
  test('killed three times with -9 and run again, it ends with every digest right', async () => {
    fill('81', 120);
    const parameters = ['--type', 'queue', '--id', '81', ...to, '--calls-per-minute', '1200'];
    for (let kill = 1; kill <= 3; kill += 1) {
      const command = start(parameters);
      const ended = once(command, 'close');
      await expect.poll(countDownloads, { timeout: 20_000, interval: 20 }).toBeGreaterThan(kill * 25);
      command.kill('SIGKILL');
      await ended;
    }
    const { code, out, error } = await run([...parameters]);
    expect([code, error]).toEqual([0, expect.stringContaining('Export ')]);
    expect(JSON.parse(out)).toMatchObject({ status: 'completed', listed: 120, failed: 0 });
    const rows = readManifest();
    expect(new Set(rows.map(({ key }) => key)).size).toBe(120);
    const digests = await Promise.all(
      rows.map(async ({ key }) =>
        createHash('sha256')
          .update(await readFile(toFile(key)))
          .digest('hex'),
      ),
    );
    expect(digests).toEqual(rows.map(({ sha256 }) => sha256));
    const [, verify = ''] = /^To verify: (.*)$/m.exec(error) ?? [];
    await promisify(execFile)('bash', ['-euc', verify]);
    // Each kill may lose the recordings that were in flight.
    expect(countDownloads()).toBeLessThanOrEqual(120 + 3 * 2);
    for (const secret of [account.accessKey, account.secretAccessKey]) {
      expect(out + error).not.toContain(secret);
      await expect(promisify(execFile)('grep', ['-rlF', secret, directory])).rejects.toMatchObject({
        code: 1,
      });
    }
  });

  test('a later run exports what is new, and failures exit with 3', async () => {
    fill('82', 3);
    const parameters = ['--type', 'queue', '--id', '82', ...to, ...fast];
    expect((await run(parameters)).code).toBe(0);
    account.add('queue', '82', { sid: '82999998', seconds: 1 });
    account.add('queue', '82', { sid: '82999999', seconds: 1 });
    emulator.fault({ name: 'failed-without-status', action: 'recording.download', times: 1 });
    const { code, out } = await run(parameters);
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ listed: 5, copied: 1, skipped: 3, failed: 1 });
  });

  test('--delete removes the originals, after their copies were read back', async () => {
    fill('83', 4);
    const { code, out } = await run(['--type', 'queue', '--id', '83', ...to, ...fast, '--delete']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      copied: 4,
      deletion: { status: 'completed', deleted: 4, failed: 0 },
    });
    expect(account.records('queue', '83')).toBeNull();
  });

  test('an interrupted run exits with 143, and says how to go on', async () => {
    fill('84', 100);
    const command = start(['--type', 'queue', '--id', '84', ...to]);
    let error = '';
    command.stderr?.on('data', (text) => {
      error += text;
    });
    await expect.poll(countDownloads, { timeout: 20_000 }).toBeGreaterThan(3);
    const ended = once(command, 'close');
    command.kill('SIGTERM');
    expect(await ended).toEqual([143, null]);
    expect(error).toContain('Run the same command again');
  });

  test('rejected keys are a failure with their reason', async () => {
    fill('85', 1);
    const { code, out } = await run(['--type', 'queue', '--id', '85', ...to], { LEGACY_ACCESS_KEY: 'wrong' });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ status: 'failed', reason: 'legacy-credentials-rejected' });
  });

  test.each([
    [[], '--type and --id are required'],
    [['--type', 'queue', ...to], '--type and --id are required'],
    [['--type', 'fax', '--id', '1', ...to], '--type and --id: must be'],
    [['--type', 'queue', '--id', 'x', ...to], '--type and --id: must be'],
    [['--type', 'queue', '--id', '1', ...to, '--pattern', '../{sid}.{format}'], '--pattern: must not'],
    [['--type', 'queue', '--id', '1', ...to, '--lanes', '9'], '--lanes: must be a whole number from 1 to 8'],
    [['--type', 'queue', '--id', '1', ...to, '--from', 'May'], '--from: must be a date'],
  ])('%j is rejected: %s', (parameters, mistake) => {
    expect(() => parseOptions(parameters, directory)).toThrow(mistake);
  });

  test.each([
    [['--type', 'queue', '--id', '1', '--to', 'ftp://x'], 'EXPORT_STORE'],
    [['--type', 'queue', '--id', '1', '--to', 'file:/dev/null'], '--to: the folder cannot be used'],
    [['--type', 'queue', '--id', '1'], '--to is required'],
    [['--secret', 'x'], 'Unknown option'],
  ])('%j exits with 2, without a stack: %s', async (parameters, mistake) => {
    const { code, error } = await run(parameters);
    expect([code, error]).toEqual([2, expect.stringContaining(mistake)]);
    expect(error).not.toContain('    at ');
  });

  test('--help lists every option', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    for (const name of ['type', 'to', 'until', 'pattern', 'lanes', 'delete'])
      expect(out).toContain(`--${name}`);
  });
});

function toFile(key: string): string {
  return join(directory, 'copies', key);
}
