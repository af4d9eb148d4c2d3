/**
 * The deployed Worker in a separate process: wrangler's bundle on the plain `workerd` binary, or on Miniflare if it
 * needs R2.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { Miniflare } from 'miniflare';

export interface WorkerdOptions {
  /** The Worker's variables; those of wrangler.toml are ignored. */
  readonly vars: Readonly<Record<string, string>>;
  /** Another Worker instead of the gateway: one module. For the plain binary. */
  readonly script?: string;
  /** Host and port of a store that speaks the protocol of R2's binding, for the plain binary. */
  readonly store?: string;
  /** Memory limit of the script in MB; the plain binary sets none. */
  readonly heap?: number;
  /** Environment of the process, added to this one's. */
  readonly env?: Readonly<Record<string, string>>;
  /** For Miniflare; a free one by default. */
  readonly port?: number;
  /** Writes the log to a file that is removed at the end: a pipe would wait for this process. For the plain binary. */
  readonly logsToFile?: boolean;
  /** Receives each line that the Worker logs. */
  readonly onLine?: (line: string) => void;
}

export interface RunningWorker {
  /** An origin. */
  readonly url: string;
  close(): Promise<void>;
}

export interface RunningWorkerd extends RunningWorker {
  readonly pid: number;
}

const root = new URL('../..', import.meta.url).pathname;

/** The binary itself instead of the script that starts it, so that its pid and memory are its own. */
const binary: string = createRequire(import.meta.url)('workerd').default;

let bundling: Promise<string> | undefined;

/** The deployed script, built once per process. */
export function bundleWorker(): Promise<string> {
  bundling ??= bundle();
  return bundling;
}

async function bundle(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'worker-'));
  try {
    const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js');
    await promisify(execFile)(
      process.execPath,
      [wrangler, 'deploy', '--env=', '--dry-run', '--outdir', directory],
      {
        cwd: root,
        // The build that it runs first uses any `node` it finds.
        env: {
          ...process.env,
          PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
          WRANGLER_SEND_METRICS: 'false',
        },
      },
    );
    return await readFile(join(directory, 'main.js'), 'utf8');
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function compatibilityDate(): Promise<string> {
  const [, date] =
    /compatibility_date = "([\d-]+)"/.exec(await readFile(join(root, 'wrangler.toml'), 'utf8')) ?? [];
  if (!date) throw new Error('wrangler.toml has no compatibility_date');
  return date;
}

/**
 * No storage, no proxy, one isolate: only here does an interrupted chunked response look broken, as it does when
 * deployed.
 */
export async function startWorkerd({
  vars,
  script,
  store,
  env,
  logsToFile = false,
  onLine,
  heap,
}: WorkerdOptions): Promise<RunningWorkerd> {
  const directory = await mkdtemp(join(tmpdir(), 'workerd-'));
  await writeFile(join(directory, 'main.js'), script ?? (await bundleWorker()));
  await writeFile(
    join(directory, 'config.capnp'),
    toConfig({ vars, ...(store && { store }), ...(heap && { heap }) }, await compatibilityDate()),
  );
  const logFile = logsToFile ? await open(join(directory, 'log'), 'w') : null;
  const workerd = spawn(binary, ['serve', '--control-fd=3', join(directory, 'config.capnp')], {
    stdio: ['ignore', logFile?.fd ?? 'pipe', 'pipe', 'pipe'] as const,
    env: { ...process.env, ...env },
  });
  await logFile?.close();
  const log: string[] = [];
  for (const stream of [workerd.stdout, workerd.stderr]) {
    eachLine(stream, (line) => {
      log.push(line);
      onLine?.(line);
    });
  }
  const port = await listening(workerd, log);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: workerd.pid ?? 0,
    async close() {
      const exited = once(workerd, 'exit');
      if (workerd.exitCode === null && workerd.kill('SIGKILL')) await exited;
      await rm(directory, { recursive: true });
    },
  };
}

/** With R2, which the plain binary lacks. */
export async function startMiniflare({ vars, port = 0, onLine }: WorkerdOptions): Promise<RunningWorker> {
  const texts = Object.entries(vars).map(([name, value]) => [name, { type: 'text', value }] as const);
  const document = JSON.stringify(await readFile(join(root, 'openapi/openapi.json'), 'utf8'));
  const assets = `export default { fetch: () => new Response(${document}) };`;
  const miniflare = new Miniflare({
    cf: false,
    port,
    workers: [
      {
        config: {
          name: 'gateway',
          compatibilityDate: await compatibilityDate(),
          manifest: {
            mainModule: 'main.js',
            modulesRoot: '/',
            modules: { 'main.js': { type: 'esm', contents: await bundleWorker() } },
          },
          env: {
            ...Object.fromEntries(texts),
            STORE: { type: 'r2', name: 'audio-store' },
            ASSETS: { type: 'worker', worker: 'assets' },
          },
        },
      },
      {
        // The gateway itself reads one of the deployed files.
        config: {
          name: 'assets',
          compatibilityDate: await compatibilityDate(),
          manifest: {
            mainModule: 'assets.js',
            modulesRoot: '/',
            modules: { 'assets.js': { type: 'esm', contents: assets } },
          },
        },
      },
    ],
    handleStructuredLogs: ({ message }) => onLine?.(message),
  });
  const url = await miniflare.ready;
  return { url: url.origin, close: () => miniflare.dispose() };
}

function toConfig(
  { vars, store, heap }: Pick<WorkerdOptions, 'vars' | 'store' | 'heap'>,
  date: string,
): string {
  // A JSON string in ASCII is also a string of Cap'n Proto.
  const bindings = Object.entries(vars).map(
    ([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)})`,
  );
  bindings.push('(name = "ASSETS", service = "assets")');
  const service = store ? `(name = "store", external = (address = "${store}", http = ())),` : '';
  if (store) bindings.push('(name = "STORE", r2Bucket = "store")');
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  ${heap ? `v8Flags = ["--max-old-space-size=${heap}"],` : ''}
  services = [
    (name = "gateway", worker = .gateway),
    ${service}
    (name = "assets", disk = (path = ${JSON.stringify(join(root, 'openapi'))})),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "gateway")],
);
const gateway :Workerd.Worker = (
  modules = [(name = "main.js", esModule = embed "main.js")],
  compatibilityDate = "${date}",
  bindings = [${bindings.join(', ')}],
);
`;
}

/** The port that it listens on. Rejects with the output if the process ends first. */
async function listening(workerd: ChildProcess, log: readonly string[]): Promise<number> {
  const ended = once(workerd, 'exit').then(() => {
    throw new Error(`workerd ended:\n${log.join('\n')}`);
  });
  const found = new Promise<number>((resolve) => {
    eachLine(workerd.stdio[3] as Readable, (line) => {
      const message: { event?: string; socket?: string; port?: number } = JSON.parse(line);
      if (message.event === 'listen' && message.socket === 'http' && message.port) resolve(message.port);
    });
  });
  const port = await Promise.race([found, ended]);
  ended.catch(() => {});
  return port;
}

function eachLine(stream: Readable | null, use: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) use(line);
  });
}
