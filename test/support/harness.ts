/** A gateway in front of an emulator, the same for tests in both runtimes: over sockets on Node, in memory in workerd. */
import { onTestFinished } from 'vitest';
import { run } from '#test-gateway';
import type { Assets } from '../../src/config/ui.ts';
import type { ExportEngine } from '../../src/exports/engine.ts';
import type { ExportJob } from '../../src/exports/job.ts';
import { withoutBase } from '../../src/http/request-path.ts';
import type { ObjectStore } from '../../src/store/object-store.ts';
import type { Emulator } from '../emulator/emulator.ts';
import type { EmulatorOptions } from '../emulator/options.ts';
import { assertDocumented } from './documented.ts';
import { watchForKeys } from './key-watch.ts';

export interface GatewayOptions {
  /** Variables in addition to those for the emulator. */
  readonly env?: Readonly<Record<string, string>>;
  readonly emulator?: EmulatorOptions;
  /** With the store under test, or another one. */
  readonly withStore?: boolean | ObjectStore;
  /** With exports into the store, driven by the engine of the runtime, or by another one. */
  readonly withExports?: boolean | ((job: ExportJob) => ExportEngine);
  /** Responds instead of the emulator, for fixed responses. */
  readonly legacy?: (request: Request) => Response | Promise<Response>;
  /** Responds as the identity provider when its keys are fetched. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Of the trace that the runtime's own tracing began. */
  readonly traceId?: string;
  /** The files of the panel and the reference. */
  readonly assets?: Assets;
}

export interface TestGateway {
  readonly emulator: Emulator;
  readonly origin: string;
  /** Sends a request to the gateway, and rejects if the response is not as documented; `path` starts with a slash. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** As configured by the options. */
  readonly store: ObjectStore | null;
  /** The gateway's log so far. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
}

export interface RunningGateway extends TestGateway {
  close(): Promise<void>;
}

export { isWorkerd } from './runtime.ts';

/** Closes itself after the test. */
export async function startGateway(options: GatewayOptions = {}): Promise<TestGateway> {
  const gateway = watchForKeys(await run(options));
  onTestFinished(() => gateway.close());
  const basePath = new URL(options.env?.PUBLIC_URL ?? gateway.origin).pathname.replace(/\/$/, '');
  return {
    ...gateway,
    async fetch(path, init) {
      const response = await gateway.fetch(path, init);
      const documented = { method: init?.method ?? 'GET', path: withoutBase(path, basePath) };
      await assertDocumented(documented, response);
      return response;
    },
  };
}

/** HTTP Basic with an account's keys; by default, the page's account. */
export function basic(emulator: Emulator, name = 'page'): { Authorization: string } {
  const { accessKey, secretAccessKey } = emulator.account(name);
  const bytes = new TextEncoder().encode(`${accessKey}:${secretAccessKey}`);
  return { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}
