/** The shell blocks of README.md and docs/: which ones run as written, and the commands in them that do not. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clients } from '../clients/clients.ts';

const root = new URL('../..', import.meta.url).pathname;

export interface Block {
  readonly heading: string;
  readonly language: string;
  readonly text: string;
}

/** Pages whose shell blocks run in test/docs/commands.test.ts, except for commands of the tables below. */
export const runPages: readonly string[] = [
  'README.md',
  'docs/access.md',
  'docs/players.md',
  'docs/uploads.md',
  'docs/emulator.md',
  'docs/exports.md',
];

/** By the start of the command: the test that runs it in another way. */
export const testedElsewhere: Readonly<Record<string, string>> = {
  'npm start': 'test/docs/start.test.ts and commands.test.ts, on a free port',
  'npm ci && LEGACY_API_URL=': 'test/docs/operations-commands.test.ts, against the emulator',
  'npm ci --omit=dev': 'test/docs/production.test.ts',
  'npm ci && npm run build:ui': '.ci/run and `npm test`',
  'npm run deploy -- --dry-run': '.ci/run',
  'CORS_ORIGINS=http://localhost:3000 npm start': 'test/docs/start.test.ts',
  'npm run test:faults': 'its files are in `npm test`',
  'git checkout COMMIT': 'the checkout of .ci/run',
  'npm ci': '.ci/run',
  'curl http://127.0.0.1:8081/health': 'test/docs/production.test.ts',
  'npx wrangler': 'test/docs/operations-commands.test.ts: as far as the account',
  'printf \'["recordings-gateway"': 'test/docs/operations-commands.test.ts',
  'LEGACY_API_URL=': 'test/docs/operations-commands.test.ts, against the emulator',
};

/** By the start of the command: why it cannot run here. */
export const cannotRun: Readonly<Record<string, string>> = {
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

export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

export function readPage(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** The blocks of every language, also those in lists, in order. */
export function toBlocks(markdown: string): Block[] {
  let heading = '';
  const parts = markdown.matchAll(/^#+ ([^\n]+)$|^ *```(\w*)\n(.*?)^ *```$/gms);
  return Array.from(parts).flatMap(([, found, language = '', text = '']) => {
    if (found === undefined) return [{ heading, language, text }];
    heading = found;
    return [];
  });
}

export function isShell({ language }: Block): boolean {
  return /^(?:sh|bash|zsh|shell|console|terminal)$/.test(language);
}

/** One command a line, without what continues a line. */
export function toCommands({ text }: Pick<Block, 'text'>): string[] {
  const lines = text.replaceAll('\\\n', ' ').split('\n');
  return lines.map((line) => line.trim().replaceAll(/ +/g, ' ')).filter((line) => line !== '');
}

export function isListed(command: string): boolean {
  const beginnings = [...Object.keys(testedElsewhere), ...Object.keys(cannotRun)];
  return beginnings.some((beginning) => command.startsWith(beginning));
}

const headings = new Set(clients.flatMap(({ name, after }) => [name, ...(after ? [after] : [])]));

/** The commands that neither run nor are in a table. */
export function findUnlisted(page: string, markdown: string): string[] {
  return toBlocks(markdown).flatMap((block) => {
    const commands = toCommands(block);
    // A block without a language could hide commands.
    const isHidden = block.language === '' && commands.some((line) => programs.test(line));
    if (isHidden) return commands;
    if (!isShell(block) || runPages.includes(page)) return [];
    const isRunByClients = page === 'docs/clients.md' && headings.has(block.heading);
    return isRunByClients ? [] : commands.filter((command) => !isListed(command));
  });
}

const programs =
  /^(?:[$#] |(?:sudo |[A-Z_]+=\S* )*(?:npm|npx|node|curl|git|docker|podman|systemctl|python3?|go|mvn|java|pip) )/;
