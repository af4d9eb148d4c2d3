/** The legacy API as a server of our own: what the page says, what the field notes say, and whatever can go wrong. */
import { Hono } from 'hono';
import type { Account } from './account.ts';
import { missing } from './actions/action.ts';
import { actions } from './actions/actions.ts';
import { type Answer, failed } from './answer.ts';
import { type CallLog, createCallLog, type LegacyCall } from './calls.ts';
import { createConnection } from './connection.ts';
import {
  type AudioSwitches,
  createVendor,
  defaultAudio,
  type EmulatorOptions,
  type Vendor,
} from './options.ts';
import { type Parameters, readParameters } from './parameters.ts';
import { createAccounts } from './seeds.ts';

export interface Emulator {
  /** Answers as a server would; rejects, or breaks the body off, where a connection would break. */
  fetch(request: Request): Promise<Response>;
  /** By name; throws for an unknown one. */
  account(name: string): Account;
  readonly accounts: readonly Account[];
  /** Oldest first. */
  readonly calls: readonly LegacyCall[];
  callCount(): number;
  /** Calls whose answer is still being made or sent. */
  openConnections(): number;
  /** Changes what downloads say of themselves until the next reset. */
  setAudio(switches: Partial<AudioSwitches>): void;
  /** Back to the state of a fresh emulator; connections that are open stay so. */
  reset(): void;
}

export const emulatorPath = '/ibp_api.php';

export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const vendor = createVendor(options);
  const log = createCallLog(vendor.now);
  const accounts = createAccounts(vendor.now);
  const app = new Hono();
  // A broken connection is no error of the server's, which would be a 500.
  app.onError((cause) => {
    throw cause;
  });

  app.on(['GET', 'POST'], emulatorPath, (context) => answerCall(context.req.raw, { accounts, log, vendor }));

  return {
    fetch: async (request) => app.fetch(request),
    account(name) {
      const account = accounts.find((known) => known.name === name);
      if (account === undefined) throw new RangeError(`No account is called ${name}`);
      return account;
    },
    accounts,
    calls: log.calls,
    callCount: log.count,
    openConnections: log.open,
    setAudio(switches) {
      vendor.audio = { ...vendor.audio, ...switches };
    },
    reset() {
      accounts.splice(0, accounts.length, ...createAccounts(vendor.now));
      vendor.audio = { ...defaultAudio, ...options.audio };
      log.clear();
    },
  };
}

interface State {
  readonly accounts: readonly Account[];
  readonly log: CallLog;
  readonly vendor: Vendor;
}

async function answerCall(request: Request, { accounts, log, vendor }: State): Promise<Response> {
  const parameters = await readParameters(request);
  const account = findAccount(accounts, parameters);
  const { access_key, secret_access_key, action = '', ...rest } = Object.fromEntries(parameters);
  const call = log.begin({
    method: request.method,
    action,
    account: account?.name ?? null,
    parameters: rest,
    headers: Object.fromEntries(request.headers),
  });
  const connection = createConnection({ call, log, signal: request.signal });
  try {
    return connection.respond(await decide({ account, parameters, vendor, headers: request.headers }));
  } catch (cause) {
    throw connection.fail(cause);
  }
}

function findAccount(accounts: readonly Account[], parameters: Parameters): Account | null {
  const matches = ({ accessKey, secretAccessKey }: Account) =>
    accessKey === parameters.get('access_key') && secretAccessKey === parameters.get('secret_access_key');
  return accounts.find(matches) ?? null;
}

interface Question {
  readonly account: Account | null;
  readonly parameters: Parameters;
  readonly vendor: Vendor;
  readonly headers: Headers;
}

/** The keys come first in every table of the page. */
async function decide({ account, parameters, vendor, headers }: Question): Promise<Answer> {
  const absent = (name: string) => !parameters.get(name);
  const key = ['access_key', 'secret_access_key'].find(absent);
  if (key !== undefined) return missing(key);
  if (account === null) return failed(401, 'Invalid api_key');
  if (absent('action')) return missing('action');
  const action = actions.get(parameters.get('action') ?? '');
  if (action === undefined) return failed(400, 'Invalid action');
  const name = action.required(parameters).find(absent);
  return name === undefined ? action.answer({ account, parameters, vendor, headers }) : missing(name);
}
