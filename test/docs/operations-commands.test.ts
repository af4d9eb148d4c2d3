/**
 * Every shell command of docs/operations.md runs in a test, or is in the table of commands that need an account or a
 * server.
 */
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { toDigest } from '../../src/auth/caller.ts';

const root = new URL('../..', import.meta.url).pathname;
const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');

const blocks = Array.from(page.matchAll(/^ *```sh\n(.*?)^ *```$/gms), ([, text = '']) => text);
const inBlocks = blocks.flatMap((text) =>
  text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.trim().replaceAll(/ +/g, ' '))
    .filter((line) => line !== ''),
);
const programs = /^(?:npm|npx|curl|git|systemctl|podman|[A-Z_]+=\S* npm) /;
const inText = Array.from(
  page.replaceAll(/^ *```.*?^ *```$/gms, '').matchAll(/`([^`\n]+)`/g),
  ([, text = '']) => text,
).filter((text) => programs.test(text) || text === 'git clone');
const commands = [...new Set([...inBlocks, ...inText])];

/** By the start of the command. */
const testedElsewhere: Readonly<Record<string, string>> = {
  'npm ci --omit=dev': 'test/docs/production.test.ts',
  'npm ci && npm run build:ui': '.ci/run and `npm test`',
  'npm run deploy -- --dry-run': '.ci/run',
  'npm start': 'test/docs/start.test.ts',
  'CORS_ORIGINS=http://localhost:3000 npm start': 'test/docs/start.test.ts',
  'npm run test:faults': 'its files are in `npm test`',
  'git checkout COMMIT': 'the checkout of .ci/run',
  'npm ci': '.ci/run',
  'curl http://127.0.0.1:8081/health': 'test/docs/production.test.ts',
  'npx wrangler': 'below: as far as the account',
  printf: 'below',
  'LEGACY_API_URL=': 'below',
};

const needsAccountOrServer: Readonly<Record<string, string>> = {
  'npx wrangler login': 'opens a browser',
  'npm run deploy': 'a Cloudflare account',
  'npm run dev': 'keys of a legacy service; runs what `npm start` runs',
  'curl https://recordings.example.com': 'a domain',
  'git -C /opt/recordings-gateway checkout COMMIT': 'the path of a server',
  'git clone': 'the address of the repository',
  systemctl: 'systemd',
  'podman build': 'podman; test/docs/production.test.ts runs the steps of the Containerfile',
  'npm install --no-save @opentelemetry':
    'installs 200 packages; test/node/active-trace.test.ts uses their API',
  'NODE_OPTIONS=': 'these packages',
};

test('the page has commands', () => {
  expect(commands.length).toBeGreaterThan(25);
});

test.each(commands)('%s is accounted for', (command) => {
  const tables = [...Object.keys(testedElsewhere), ...Object.keys(needsAccountOrServer)];
  expect(tables.filter((beginning) => command.startsWith(beginning))).not.toEqual([]);
});

test.each([...Object.keys(testedElsewhere), ...Object.keys(needsAccountOrServer)])(
  'the page has the command %s',
  (beginning) => {
    expect(commands.some((command) => command.startsWith(beginning))).toBe(true);
  },
);

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
  const [block = ''] = blocks.filter((text) => text.startsWith('printf'));
  const output = execFileSync('bash', ['-c', block], { encoding: 'utf8' }).trim().split('\n');
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
