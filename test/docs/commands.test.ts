/** The curl commands of README.md and docs/ run as written, in order, against the servers of `npm start`. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;
const timeout = 90_000;

interface Block {
  readonly language: string;
  readonly text: string;
}

function readBlocks(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8');
  return Array.from(text.matchAll(/^```(\w+)\n(.*?)^```$/gms), ([, language = '', block = '']) => ({
    language,
    text: block,
  }));
}

/** Each page's commands, and the status of every response. Later pages use files that the README's tour saves. */
const pages = [
  { page: 'README.md', statuses: [200, 200, 200, 204, 201, 201, 400] },
  { page: 'docs/access.md', statuses: [200, 200, 201] },
  { page: 'docs/players.md', statuses: [201] },
  { page: 'docs/uploads.md', statuses: [201] },
  { page: 'docs/emulator.md', statuses: [204, 503] },
].map(({ page, statuses }) => {
  const blocks = readBlocks(page);
  const commands = blocks.flatMap(({ language, text }, index) =>
    language === 'sh' && /^curl .*127\.0\.0\.1:87/ms.test(text) ? [{ text, next: blocks[index + 1] }] : [],
  );
  return { page, statuses, commands };
});

let started: ChildProcess;
let directory: string;
let addresses: Record<'gateway' | 'emulator', string>;

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
  await rm(directory, { recursive: true, force: true });
}, timeout);

async function printedAddresses({ stdout }: ChildProcess) {
  let text = '';
  for await (const chunk of stdout ?? []) {
    text += chunk;
    const [, gateway, emulator] =
      /(http:\/\/\S+)\s+The emulated legacy API:\s+(http:\/\/[^\s/]+)/.exec(text) ?? [];
    if (gateway && emulator) return { gateway, emulator };
  }
  throw new Error(`npm start ended without its addresses:\n${text}`);
}

async function run(command: string) {
  const { body, output } = await runScript(command);
  return { body, statuses: output.trim().split('\n').map(Number) };
}

async function runScript(command: string) {
  const script = command
    .replaceAll('http://127.0.0.1:8787', addresses.gateway)
    .replaceAll('http://127.0.0.1:8790', addresses.emulator);
  const options = { cwd: directory, env: { ...process.env, HOME: directory } };
  const { stdout, stderr } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], options);
  return { body: stdout, output: stderr };
}

describe('the documented commands', { timeout }, () => {
  test.each(pages)(
    'of $page respond with the documented statuses and bodies',
    async ({ commands, statuses }) => {
      const found: number[] = [];
      for (const { text, next } of commands) {
        const { body, statuses } = await run(text);
        found.push(...statuses);
        if (next?.language === 'json') expect(shapeOf(body)).toEqual(shapeOf(next.text));
      }
      expect(found).toEqual(statuses);
    },
  );

  test('of docs/exports.md end with copies whose digests sha256sum confirms', async () => {
    const blocks = readBlocks('docs/exports.md').filter(({ language }) => language === 'sh');
    const script = blocks
      .map(({ text }) => text)
      .join('\n')
      // In the folder of the gateway.
      .replaceAll('npm run export', `npm --prefix ${root} run -s export`);
    const { output } = await runScript(script);
    expect(output.match(/^\d{3}$/gm)).toEqual(['202', '200', '200']);
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
