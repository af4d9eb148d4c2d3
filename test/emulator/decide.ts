/**
 * The correct response to a call: checks keys first, as in every table of the page, then the action and its required
 * parameters.
 */
import type { Account } from './account.ts';
import { missing } from './actions/action.ts';
import { actions } from './actions/actions.ts';
import { type Answer, failed } from './answer.ts';
import type { Vendor } from './options.ts';
import type { Parameters } from './parameters.ts';

export interface Question {
  /** Null if the keys are missing or wrong. */
  readonly account: Account | null;
  readonly parameters: Parameters;
  readonly vendor: Vendor;
  readonly headers: Headers;
}

export async function decide({ account, parameters, vendor, headers }: Question): Promise<Answer> {
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

export function findAccount(accounts: readonly Account[], parameters: Parameters): Account | null {
  const matches = ({ accessKey, secretAccessKey }: Account) =>
    accessKey === parameters.get('access_key') && secretAccessKey === parameters.get('secret_access_key');
  return accounts.find(matches) ?? null;
}
