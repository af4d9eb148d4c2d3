/** One call from its request to its response: logged, answered, and changed if a fault is due. */
import type { Account } from './account.ts';
import { type ActionName, actions } from './actions/actions.ts';
import type { Answer } from './answer.ts';
import type { CallLog } from './calls.ts';
import { createConnection } from './connection.ts';
import { decide, findAccount } from './decide.ts';
import type { FaultContext, Wire } from './faults/fault.ts';
import { faults } from './faults.ts';
import type { Vendor } from './options.ts';
import { readParameters } from './parameters.ts';
import type { Schedule } from './schedule.ts';

export interface Service {
  readonly accounts: readonly Account[];
  readonly log: CallLog;
  readonly schedule: Schedule;
  readonly vendor: Vendor;
}

/** Rejects if the connection breaks before there is a response. */
export async function respond(service: Service, request: Request, wire: Wire | null): Promise<Response> {
  const { accounts, log, schedule, vendor } = service;
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
  const answer = () => decide({ account, parameters, vendor, headers: request.headers });

  async function spoil(name: ActionName): Promise<Answer> {
    const drawn = schedule.draw(name);
    if (drawn === null) return answer();
    call.fault = drawn.name;
    const { settings } = drawn;
    const context: FaultContext = {
      action: name,
      request,
      parameters,
      settings,
      wire,
      closed: connection.closed,
      answer,
    };
    return faults[drawn.name].apply(context);
  }

  try {
    return connection.respond(await (isActionName(action) ? spoil(action) : answer()));
  } catch (cause) {
    throw connection.fail(cause);
  }
}

function isActionName(name: string): name is ActionName {
  return actions.has(name);
}
