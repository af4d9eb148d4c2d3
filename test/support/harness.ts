/** A gateway in front of an emulator, the same for tests in both runtimes: over sockets on Node, in memory in workerd. */
import { onTestFinished } from 'vitest';
import { run } from '#test-gateway';
import type { Assets } from '../../src/config/ui.ts';
import { withoutBase } from '../../src/http/request-path.ts';
import type { ObjectStore } from '../../src/store/object-store.ts';
import type { Emulator } from '../emulator/emulator.ts';
import type { EmulatorOptions } from '../emulator/options.ts';
import { assertDocumented } from './documented.ts';
import { watchForKeys } from './key-watch.ts';

export interface GatewayOptions {
  /** Variables, on top of those that reach the emulator. */
  readonly env?: Readonly<Record<string, string>>;
  readonly emulator?: EmulatorOptions;
  /** With the store under test, or one that stands in for it. */
  readonly withStore?: boolean | ObjectStore;
  /** Answers in the emulator's place, for answers that are written down rather than brought about. */
  readonly legacy?: (request: Request) => Response | Promise<Response>;
  /** Answers for the identity provider, where its keys are fetched. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** The files of the panel and the reference. */
  readonly assets?: Assets;
}

export interface TestGateway {
  readonly emulator: Emulator;
  readonly origin: string;
  /** Asks the gateway, and rejects where its answer is not as documented; `path` begins with a slash. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** As the options say. */
  readonly store: ObjectStore | null;
  /** What the gateway has logged so far. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
}

export interface RunningGateway extends TestGateway {
  close(): Promise<void>;
}

export { isWorkerd } from './runtime.ts';

/** Closed by itself when the test is over. */
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

/** HTTP Basic with an account's keys; the page's account where none is named. */
export function basic(emulator: Emulator, name = 'page'): { Authorization: string } {
  const { accessKey, secretAccessKey } = emulator.account(name);
  const bytes = new TextEncoder().encode(`${accessKey}:${secretAccessKey}`);
  return { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}
