/** The commands of docs/operations.md, also those in its sentences: each is in a table of shell-blocks.ts, and what can run of them runs. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { toDigest } from '../../src/auth/caller.ts';
import { createAudio } from '../emulator/audio.ts';
import { createEmulator } from '../emulator/emulator.ts';
import { serveEmulator } from '../emulator/server.ts';
import { basic } from '../support/harness.ts';
import { isListed, isShell, readPage, toBlocks, toCommands } from './shell-blocks.ts';

const root = new URL('../..', import.meta.url).pathname;
const page = readPage('docs/operations.md');

const blocks = toBlocks(page).filter(isShell);
const inBlocks = blocks.flatMap(toCommands);
const programs = /^(?:npm|npx|curl|git|systemctl|podman|[A-Z_]+=\S* npm) /;
const inText = Array.from(
  page.replaceAll(/^ *```.*?^ *```$/gms, '').matchAll(/`([^`\n]+)`/g),
  ([, text = '']) => text,
).filter((text) => programs.test(text) || text === 'git clone');
const commands = [...new Set([...inBlocks, ...inText])];

test('the page has commands', () => {
  expect(commands.length).toBeGreaterThan(25);
});

test.each(commands)('%s is accounted for', (command) => {
  expect(isListed(command)).toBe(true);
});

/** Without an account, wrangler reads its arguments and then asks for one. */
describe('wrangler reads the arguments of', { timeout: 60_000 }, () => {
  const needAccount = commands.filter((text) => text.startsWith('npx wrangler') && !text.endsWith('login'));

  test('each command', async () => {
    const run = promisify(execFile);
    const env = {
      ...process.env,
      PATH: `${root}node_modules/.bin:${process.env.PATH}`,
      CI: 'true',
      WRANGLER_SEND_METRICS: 'false',
      CLOUDFLARE_API_TOKEN: '',
      // Hides the sign-in of a developer's own account.
      XDG_CONFIG_HOME: '/nonexistent',
      HOME: '/nonexistent',
    };
    // One of each kind, since each takes seconds to start.
    const kinds = ['secret put', 'r2 bucket lifecycle add', 'rollback', 'tail'];
    const chosen = kinds.map(
      (kind) => needAccount.find((text) => text.startsWith(`npx wrangler ${kind} `)) ?? kind,
    );
    const ask = async (command: string) => {
      const script = `${command.replace('npx ', '')} < /dev/null 2>&1; true`;
      const { stdout } = await run('bash', ['-c', script], { cwd: root, env });
      expect(stdout, command).toMatch(/CLOUDFLARE_API_TOKEN|Not logged in|not authenticated/i);
      expect(stdout, command).not.toMatch(/Unknown argument|Multiple environments|Invalid values/);
    };
    await Promise.all(chosen.map(ask));
  });
});

test('the commands for digests produce those of the log', async () => {
  const [block] = blocks.filter(({ text }) => text.startsWith('printf'));
  const output = execFileSync('bash', ['-c', block?.text ?? ''], { encoding: 'utf8' })
    .trim()
    .split('\n');
  expect(output).toEqual([
    await toDigest(['address', '203.0.113.7']),
    await toDigest(['sid', '0907065723240097']),
  ]);
});

/** Both pages have the command; dependencies are installed here. */
const onNode = [
  ...blocks.flatMap(toCommands),
  ...toBlocks(readPage('README.md')).filter(isShell).flatMap(toCommands),
].flatMap((text) => text.match(/LEGACY_API_URL=.* npm run serve$/) ?? []);

test('the command for Node is on both pages', () => {
  expect(onNode).toHaveLength(2);
});

test.each(onNode)('%s starts a gateway that takes bytes', { timeout: 60_000 }, async (command) => {
  const documented = 'https://recordings.example.com';
  let url = '';
  const emulator = createEmulator({ fetchPath: (path) => fetch(path.replace(documented, url)) });
  const legacy = await serveEmulator(emulator);
  const directory = await mkdtemp(join(tmpdir(), 'on-node-'));
  const script = command
    .replace('https://secure.dialogtech.com/ibp_api.php', legacy.url)
    .replace('file:data', `file:${directory}`)
    .replace(/ PORT=\d+/, '');
  const gateway = spawn('bash', ['-c', script], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  onTestFinished(async () => {
    if (gateway.pid) process.kill(-gateway.pid, 'SIGKILL');
    await legacy.close();
    await rm(directory, { recursive: true, force: true });
  });
  for await (const line of createInterface(gateway.stdout)) {
    url = /^recordings gateway on (http:\S+)$/.exec(line)?.[1]?.replace('0.0.0.0', '127.0.0.1') ?? '';
    if (url) break;
  }
  const response = await fetch(`${url}/uploads/audio?type=findme&id=1234`, {
    method: 'POST',
    headers: { ...basic(emulator), 'Content-Type': 'audio/wav', 'Idempotency-Key': '"bytes"' },
    body: createAudio('wav', { seed: 'docs', rate: 8000, seconds: 1 }).slice(),
  });
  expect(response.status).toBe(201);
});
