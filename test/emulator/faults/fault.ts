/** A fault: a named failure of the legacy service in one call. */
import { type ActionName, actionNames } from '../actions/actions.ts';
import type { Answer } from '../answer.ts';

export interface FaultSettings {
  /** For timing faults, in milliseconds; each has its own default. */
  readonly delayMs?: number;
  /** For faults within a body: the position as a share of it, from 0 to 1; half by default. */
  readonly at?: number;
  /** For 429 and 503: the header's value, null for none; 7 seconds by default. */
  readonly retryAfter?: string | null;
}

/** The socket, if there is one; absent in memory. */
export interface Wire {
  /** Writes raw bytes to the connection before anything else. */
  raw(bytes: Uint8Array): void;
}

export interface FaultContext {
  readonly action: ActionName;
  readonly request: Request;
  readonly parameters: ReadonlyMap<string, string>;
  readonly settings: FaultSettings;
  readonly wire: Wire | null;
  /** Aborted when the client has disconnected. */
  readonly closed: AbortSignal;
  /** Does the work and returns the correct response. A fault that does not call it leaves the work undone. */
  answer(): Promise<Answer>;
}

export interface Fault {
  /** In one line. */
  readonly description: string;
  readonly actions: readonly ActionName[];
  /** Whether it needs a real connection; in memory such a call gets the normal response. */
  readonly socketOnly?: boolean;
  apply(context: FaultContext): Answer | Promise<Answer>;
}

export const all = actionNames;
export const listOnly = ['recording.list'] as const;
export const downloadOnly = ['recording.download'] as const;

/** Position of the fault in the body, in bytes. */
export function strikePoint(answer: Answer, { at = 0.5 }: FaultSettings): number {
  return Math.floor(answer.length * at);
}

/** Ends early when the caller disconnects. */
export function pause(milliseconds: number, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (closed.aborted) return resolve();
    const timer = setTimeout(settle, Math.min(milliseconds, 0x7fff_ffff));
    function settle() {
      clearTimeout(timer);
      closed.removeEventListener('abort', settle);
      resolve();
    }
    closed.addEventListener('abort', settle, { once: true });
  });
}

/** Waits as long as the caller does. */
export function stall(closed: AbortSignal): Promise<void> {
  return pause(Number.POSITIVE_INFINITY, closed);
}
