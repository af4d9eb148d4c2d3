/** The legacy API as a server for tests: the vendor's page, the field notes, and faults. */
import { Hono } from 'hono';
import { type Account, createAccount } from './account.ts';
import { createCallLog, type LegacyCall } from './calls.ts';
import { createControl } from './control.ts';
import type { Wire } from './faults/fault.ts';
import type { ChaosOrder, FaultName, FaultOrder } from './faults.ts';
import { type AudioSwitches, createVendor, defaultAudio, type EmulatorOptions } from './options.ts';
import { respond } from './respond.ts';
import { createSchedule } from './schedule.ts';
import { accountKeys, seed } from './seeds.ts';

export interface Emulator {
  /** Responds as a server would; rejects, or interrupts the body, where a connection would break. */
  fetch(request: Request, wire?: Wire): Promise<Response>;
  readonly accounts: readonly Account[];
  /** By name; throws for an unknown one. */
  account(name: string): Account;
  /** The latest ten thousand or more, oldest first. */
  readonly calls: readonly LegacyCall[];
  /** Calls whose response is being made or sent. */
  openConnections(): number;
  /** Resolves when no call is open any more; rejects after ten seconds. */
  idle(): Promise<void>;
  fault(order: FaultOrder): void;
  chaos(order: ChaosOrder): void;
  /** Includes chaos. */
  clearFaults(): void;
  /** Changes the headers of downloads until the next reset. */
  setAudio(switches: Partial<AudioSwitches>): void;
  state(): EmulatorState;
  /** Restores the state of a fresh emulator, including faults and the log of calls. */
  reset(): void;
}

interface EmulatorState {
  /** All calls since the last reset. */
  readonly callCount: number;
  readonly openConnections: number;
  /** How often the target of a redirect or external entity was requested. */
  readonly trapped: number;
  /** How many calls each fault was applied to. */
  readonly faults: Readonly<Partial<Record<FaultName, number>>>;
  readonly calls: readonly LegacyCall[];
}

export const emulatorPath = '/ibp_api.php';

export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const vendor = createVendor(options);
  const log = createCallLog(vendor.now);
  const schedule = createSchedule();
  const accounts = accountKeys.map((keys) => createAccount(keys, vendor.now));
  accounts.forEach(seed);
  let trapped = 0;

  const emulator: Emulator = {
    fetch: async (request, wire) => app.fetch(request, { wire: wire ?? null }),
    accounts,
    account(name) {
      const account = accounts.find((known) => known.name === name);
      if (account === undefined) throw new RangeError(`No account is called ${name}`);
      return account;
    },
    calls: log.calls,
    openConnections: log.open,
    idle: log.idle,
    fault: schedule.add,
    chaos: schedule.setChaos,
    clearFaults: schedule.clear,
    setAudio(switches) {
      vendor.audio = { ...vendor.audio, ...switches };
    },
    state: () => ({
      callCount: log.count(),
      openConnections: log.open(),
      trapped,
      faults: Object.fromEntries(schedule.counts),
      calls: log.calls,
    }),
    reset() {
      accounts.forEach(seed);
      vendor.audio = { ...defaultAudio, ...options.audio };
      schedule.clear();
      log.clear();
      trapped = 0;
    },
  };

  const app = new Hono<{ Bindings: { wire: Wire | null } }>();
  // A broken connection is not a server error, which would be a 500.
  app.onError((cause) => {
    throw cause;
  });
  app.on(['GET', 'POST'], emulatorPath, ({ req, env }) =>
    respond({ accounts, log, schedule, vendor }, req.raw, env.wire),
  );
  app.all('/_emulator/trap', (context) => {
    trapped++;
    return context.text('trapped');
  });
  app.route('/_emulator', createControl(emulator));
  return emulator;
}
