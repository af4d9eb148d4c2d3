/** `npm run export`: an export without HTTP, by the same job and engine, in this process. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createCaller } from '../auth/caller.ts';
import type { RequestContext } from '../auth/request-context.ts';
import { scopes } from '../auth/scopes.ts';
import { ConfigError } from '../config/parse.ts';
import { readStoreConfigs } from '../config/store.ts';
import { readConfig } from '../config.ts';
import type { Exports } from '../exports/exports.ts';
import { type ExportState, isActive, isCompleted } from '../exports/state.ts';
import { createCallTrace } from '../legacy/call/trace.ts';
import { Problem } from '../problem/problem.ts';
import { createServices, type Platform } from '../services.ts';
import { StoreError } from '../store/failure.ts';
import { createExportBar } from './export-bar.ts';
import { writeDigests } from './export-digests.ts';
import { type ExportOptions, help, OptionError, parseOptions } from './export-options.ts';
import { createNodePlatform } from './platform.ts';
import { openStore } from './stores.ts';
import { openWorkflows } from './workflows.ts';

const exitCodes = { completed: 0, failed: 1, invalidOptions: 2, completedWithFailures: 3 } as const;

const pollMs = 500;
/** A list of this many exports holds the interrupted one, if there is one. */
const maxExports = 100;

/** Events of exports are what the bar shows. */
const log: Platform['log'] = (event) => {
  if (event.event !== 'export') console.error(JSON.stringify(event));
};

interface Opened {
  readonly exports: Exports;
  readonly context: RequestContext;
  /** Null for a bucket. */
  readonly directory: string | null;
  close(): Promise<void>;
}

async function open({ to }: ExportOptions): Promise<Opened> {
  const config = readConfig(process.env);
  const { credentials } = config.legacy;
  if (!credentials) {
    throw new ConfigError(
      'LEGACY_ACCESS_KEY and LEGACY_SECRET_ACCESS_KEY are required: the keys of the account',
    );
  }
  const environment = to === null ? process.env : { ...process.env, EXPORT_STORE: to };
  const configs = readStoreConfigs(environment);
  const target = configs.exportStore ?? configs.store;
  if (!target) throw new ConfigError('--to is required, or EXPORT_STORE or STORE in the environment');
  const variable = configs.exportStore ? 'EXPORT_STORE' : 'STORE';
  const store = await openStore(target, log, to === null ? variable : '--to');
  // Of its own: a gateway that shared it would take this export over without having its keys. The bucket has the state.
  const scratch = await mkdtemp(join(tmpdir(), 'recordings-export-'));
  const workflows = await openWorkflows({ file: join(scratch, 'workflows.sqlite') });
  const { platform, close } = createNodePlatform(config, { log });
  const { exports } = createServices(config, {
    ...platform,
    store: null,
    clientAddress: () => '127.0.0.1',
    activeTraceId: () => null,
    loadDocument: () => Promise.reject(new Error('the command has no document')),
    assets: null,
    isReady: () => true,
    exports: { store, ...workflows },
  });
  if (!exports) throw new ConfigError('--to cannot be used for exports');
  const access = { credentials, scopes, bringsOwnKeys: false, authMethod: 'basic', expiresAt: null } as const;
  const context: RequestContext = {
    caller: await createCaller(access),
    signal: new AbortController().signal,
    trace: createCallTrace(),
    requestId: 'export-command',
    onStoreResult() {},
  };
  return {
    exports,
    context,
    directory: target.kind === 'folder' ? target.directory : null,
    async close() {
      await workflows.stop();
      await close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

/** The interrupted export of the same request goes on; else there is a new one, which skips intact copies. */
async function begin({ exports, context }: Opened, { request, deletesOriginals }: ExportOptions) {
  const known = await exports.list(maxExports, context);
  const same = known.filter((state) => JSON.stringify(state.request) === JSON.stringify(request));
  const isInterrupted = ({ status, deletion }: ExportState) =>
    deletion
      ? deletesOriginals && (deletion.status === 'running' || deletion.status === 'failed')
      : !isCompleted(status) && status !== 'canceled';
  const interrupted = same.find(isInterrupted);
  if (interrupted) return await exports.resume(interrupted.id, context);
  // The same key for each attempt, so that one that was killed while it was created is found.
  const key = JSON.stringify(['command', request, same.length]);
  return await exports.create(request, key, context);
}

async function follow({ exports }: Opened, first: ExportState): Promise<ExportState> {
  const bar = createExportBar();
  let state = first;
  for (;;) {
    bar.show(state);
    if (!isActive(state)) break;
    await setTimeout(pollMs);
    state = (await exports.services.ledger.read(state.id).catch(() => null)) ?? state;
  }
  bar.stop();
  return state;
}

async function run(opened: Opened, options: ExportOptions): Promise<number> {
  let state = await begin(opened, options);
  console.error(`Export ${state.id}`);
  state = await follow(opened, state);
  if (opened.directory !== null && isCompleted(state.status)) {
    const digests = await writeDigests(opened.exports.services, state, opened.directory);
    console.error(`To verify: cd '${opened.directory}' && sha256sum --check --quiet ${digests}`);
  }
  if (options.deletesOriginals && isCompleted(state.status) && !state.deletion) {
    state = await follow(opened, await opened.exports.deleteOriginals(state.id, opened.context));
  }
  return report(state);
}

function report({ id, status, reason, progress, deletion }: ExportState): number {
  const { listed, copied, skipped, failed, bytes } = progress;
  console.log(JSON.stringify({ id, status, reason, listed, copied, skipped, failed, bytes, deletion }));
  if (!isCompleted(status) || deletion?.status === 'failed') return exitCodes.failed;
  const hasFailures = status === 'completed_with_failures' || deletion?.status === 'completed_with_failures';
  return hasFailures ? exitCodes.completedWithFailures : exitCodes.completed;
}

/** Names the operator's mistake, or the problem, without a stack. */
function toExit(error: unknown): number {
  const isOption = error instanceof OptionError || error instanceof ConfigError;
  if (isOption) console.error(`${error.message}\nSee npm run export -- --help`);
  else if (error instanceof Problem) console.error(error.message);
  else if (error instanceof StoreError) console.error('The bucket cannot be used. See --to and its keys.');
  else throw error;
  return isOption ? exitCodes.invalidOptions : exitCodes.failed;
}

async function main(): Promise<number> {
  // npm runs scripts in the folder of the package.
  const options = parseOptions(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd());
  if (!options) {
    console.log(help);
    return 0;
  }
  const opened = await open(options);
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => {
      console.error('\nInterrupted. Run the same command again to go on.');
      void opened.close().finally(() => process.exit(code));
    });
  }
  try {
    return await run(opened, options);
  } finally {
    await opened.close();
  }
}

process.exit(await main().catch(toExit));
