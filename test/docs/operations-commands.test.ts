/** The commands of docs/operations.md, also those in its sentences: each is in a table of shell-blocks.ts, and what can run of them runs. */
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { toDigest } from '../../src/auth/caller.ts';
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

test('the command in "Try it" starts the gateway on Node', () => {
  const [command = ''] = inBlocks.filter((text) => text.startsWith('LEGACY_API_URL='));
  const [variables = '', script] = command.split(' npm run ');
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(scripts[script ?? '']).toContain('src/node/main.ts');
  const settings = variables.split(' ').map((pair) => pair.split('='));
  expect(settings.map(([name]) => name)).toEqual(['LEGACY_API_URL', 'LEGACY_TIME_ZONE', 'STORE', 'PORT']);
});
