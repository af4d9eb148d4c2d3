/** The interface of an action of the legacy service, and responses that several actions share. */
import type { Account } from '../account.ts';
import { type Answer, failed } from '../answer.ts';
import type { Vendor } from '../options.ts';
import type { Parameters } from '../parameters.ts';
import type { Recording } from '../recording.ts';

export interface ActionContext {
  readonly account: Account;
  readonly parameters: Parameters;
  readonly vendor: Vendor;
  readonly headers: Headers;
}

export interface Action {
  /** In the order of the page's table, in which missing ones are reported. */
  required(parameters: Parameters): readonly string[];
  answer(context: ActionContext): Answer | Promise<Answer>;
}

export function missing(parameter: string): Answer {
  return failed(400, `Parameter ${parameter} is required`);
}

/** The page does not cover values of the wrong type; this follows the one error that it shows. */
export function invalid(parameter: string): Answer {
  return failed(400, `Parameter ${parameter} is invalid`);
}

export function isInteger(text: string): boolean {
  return /^\d{1,18}$/.test(text);
}

export function notFound(): Answer {
  return failed(404, 'File not found');
}

/** Null if the recording is ready; each request brings it closer. */
export function processing(recording: Recording): Answer | null {
  if (recording.asksUntilReady === 0) return null;
  recording.asksUntilReady--;
  return failed(
    202,
    'The requested recording is currently being processed by the system. Please check back later.',
  );
}
