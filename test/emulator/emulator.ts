/** The legacy API as a server of our own: what the page says, what the field notes say, and whatever can go wrong. */
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
  /** Answers as a server would; rejects, or breaks the body off, where a connection would break. */
  fetch(request: Request, wire?: Wire): Promise<Response>;
  readonly accounts: readonly Account[];
  /** By name; throws for an unknown one. */
  account(name: string): Account;
  /** The latest ten thousand and more, oldest first. */
  readonly calls: readonly LegacyCall[];
  /** Calls whose answer is still being made or sent. */
  openConnections(): number;
  /** Resolves when no call is open any more; rejects after `within` milliseconds. */
  idle(within: number): Promise<void>;
  fault(order: FaultOrder): void;
  chaos(order: ChaosOrder): void;
  /** Chaos among them. */
  clearFaults(): void;
  /** Changes what downloads say of themselves until the next reset. */
  setAudio(switches: Partial<AudioSwitches>): void;
  state(): EmulatorState;
  /** Back to the state of a fresh emulator, faults and record of calls included. */
  reset(): void;
}

interface EmulatorState {
  /** All since the last reset. */
  readonly callCount: number;
  readonly openConnections: number;
  /** How often somebody went where a redirect or an external entity points. */
  readonly trapped: number;
  /** How many calls each fault has spoilt. */
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
  // A broken connection is no error of the server's, which would be a 500.
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
