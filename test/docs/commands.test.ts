/** The shell blocks of README.md and docs/ run as written, in order, against the servers of `npm start`. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Block, isListed, isShell, readPage, runPages, toBlocks, toCommands } from './shell-blocks.ts';

const root = new URL('../..', import.meta.url).pathname;
const timeout = 90_000;

/** Each page's statuses of its responses. Later pages use files that the README's tour saves. */
const statuses: readonly (readonly [page: string, statuses: readonly number[]])[] = [
  ['README.md', [200, 200, 200, 204, 201, 201, 400]],
  ['docs/access.md', [200, 200, 200, 201]],
  ['docs/players.md', [201]],
  ['docs/uploads.md', [201]],
  ['docs/emulator.md', [204, 503]],
];

/** The shell blocks that run as written, each with the block after it. */
function readRun(page: string): { text: string; next: Block | undefined }[] {
  return toBlocks(readPage(page)).flatMap((block, index, blocks) =>
    isShell(block) && !toCommands(block).every(isListed)
      ? [{ text: block.text, next: blocks[index + 1] }]
      : [],
  );
}

let started: ChildProcess;
let directory: string;
/** The documented address of each server, and its real one. */
let addresses: Record<string, string>;
const servers: ChildProcess[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'documented-commands-'));
  // Bodies go to stdout, and the status of each response to stderr.
  await writeFile(join(directory, '.curlrc'), 'silent\nwrite-out = "%{stderr}%{http_code}\\n"\n');
  started = spawn(process.execPath, ['test/scripts/start.ts'], {
    cwd: root,
    env: { ...process.env, PORT: '0', PATH: `${root}node_modules/.bin:${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  addresses = await printedAddresses(started);
}, timeout);

afterAll(async () => {
  const ended = once(started, 'exit');
  if (started.exitCode === null && started.kill('SIGTERM')) await ended;
  for (const { pid, exitCode } of servers) if (pid && exitCode === null) process.kill(-pid);
  await rm(directory, { recursive: true, force: true });
}, timeout);

async function printedAddresses({ stdout }: ChildProcess) {
  let text = '';
  for await (const chunk of stdout ?? []) {
    text += chunk;
    const [, gateway, emulator] =
      /(http:\/\/\S+)\s+The emulated legacy API:\s+(http:\/\/[^\s/]+)/.exec(text) ?? [];
    if (gateway && emulator) return { 'http://127.0.0.1:8787': gateway, 'http://127.0.0.1:8790': emulator };
  }
  throw new Error(`npm start ended without its addresses:\n${text}`);
}

function toScript(command: string): string {
  return Object.entries(addresses).reduce(
    (text, [documented, real]) => text.replaceAll(documented, real),
    command,
  );
}

/** With the pinned Node, as `npx node` in this repository. */
const toEnv = () => ({
  ...process.env,
  HOME: directory,
  PATH: `${root}node_modules/.bin:${process.env.PATH}`,
});

async function run(command: string) {
  const args = ['-euo', 'pipefail', '-c', toScript(command)];
  const { stdout, stderr } = await promisify(execFile)('bash', args, { cwd: directory, env: toEnv() });
  return { body: stdout, statuses: (stderr.match(/^\d{3}$/gm) ?? []).map(Number) };
}

/** The server of a phone app, which the next block calls. It runs on a free port. */
async function startServer(command: string): Promise<void> {
  const env = { ...toEnv(), PORT: '0' };
  await copyFile(join(root, 'docs/examples/phone-app-server.ts'), join(directory, 'phone-app-server.ts'));
  const server = spawn('bash', ['-c', toScript(command)], {
    ...{ cwd: directory, env, detached: true },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  servers.push(server);
  const [line] = await once(server.stdout, 'data');
  const { port } = JSON.parse(String(line).replace(/^listening on /, ''));
  addresses['http://127.0.0.1:3000'] = `http://127.0.0.1:${port}`;
}

describe('the documented commands', { timeout }, () => {
  test('cover the pages', () => {
    expect([...statuses.map(([page]) => page), 'docs/exports.md']).toEqual(runPages);
  });

  test.each(statuses)('of %s respond with the documented statuses and bodies', async (page, statuses) => {
    const found: number[] = [];
    for (const { text, next } of readRun(page)) {
      if (text.includes('phone-app-server.ts')) {
        await startServer(text);
        continue;
      }
      const { body, statuses } = await run(text);
      found.push(...statuses);
      if (next?.language === 'json') expect(shapeOf(body)).toEqual(shapeOf(next.text));
      const [, digest] = /sha256:([0-9a-f]+)…/.exec(next?.language === 'ini' ? next.text : '') ?? [];
      if (digest) expect(body).toContain(digest);
    }
    expect(found).toEqual(statuses);
  });

  test('of docs/exports.md end with copies whose digests sha256sum confirms', async () => {
    const script = readRun('docs/exports.md')
      .map(({ text }) => text)
      .join('\n')
      // In the folder of the gateway.
      .replaceAll('npm run export', `npm --prefix ${root} run -s export`);
    expect((await run(script)).statuses).toEqual([202, 200, 200]);
    const read = async (path: string) => (await readFile(path, 'utf8')).trimEnd().split('\n').sort();
    const [ofCommand = ''] = globSync('copies/exports/*/*/SHA256SUMS', { cwd: directory });
    const lines = await read(join(directory, ofCommand));
    // The README's tour, which runs before, uploads and deletes.
    expect(lines.length).toBeGreaterThanOrEqual(2);
    // Both engines copied the same audio to the same keys.
    expect(await read(join(directory, 'SHA256SUMS'))).toEqual(lines);
  });
});

/** The body without values that change on each run. */
function shapeOf(json: string): unknown {
  const varying = ['request_id', 'access_token', 'url', 'expires_at'];
  return JSON.parse(json, (name, value) => (varying.includes(name) ? typeof value : value));
}
