/** What a fault is: a named way in which a legacy server goes wrong with one call. */
import { type ActionName, actionNames } from '../actions/actions.ts';
import type { Answer } from '../answer.ts';

export interface FaultSettings {
  /** For faults about time, in milliseconds; each has its own default. */
  readonly delayMs?: number;
  /** For faults in the middle of a body: after which part of it, 0 to 1; half by default. */
  readonly at?: number;
  /** For 429 and 503: the header's value, null for none; 7 seconds by default. */
  readonly retryAfter?: string | null;
}

/** The socket itself, where there is one; in memory there is none. */
export interface Wire {
  /** Puts bytes on the connection as they are, before whatever else is sent. */
  raw(bytes: Uint8Array): void;
}

export interface FaultContext {
  readonly action: ActionName;
  readonly request: Request;
  readonly parameters: ReadonlyMap<string, string>;
  readonly settings: FaultSettings;
  readonly wire: Wire | null;
  /** Aborted when nobody is there any more to send to. */
  readonly closed: AbortSignal;
  /** Does the work and gives the right answer. A fault that does not ask for it leaves the work undone. */
  answer(): Promise<Answer>;
}

export interface Fault {
  /** In one line. */
  readonly description: string;
  readonly actions: readonly ActionName[];
  /** Whether it can only be shown on a real connection; in memory such a call is answered as if nothing were. */
  readonly socketOnly?: boolean;
  apply(context: FaultContext): Answer | Promise<Answer>;
}

export const all = actionNames;
export const listOnly = ['recording.list'] as const;
export const downloadOnly = ['recording.download'] as const;

/** Of the body, in bytes, where a fault in its middle strikes. */
export function strikePoint(answer: Answer, { at = 0.5 }: FaultSettings): number {
  return Math.floor(answer.length * at);
}

/** Ends early when the caller leaves. */
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

/** For as long as the caller waits. */
export function stall(closed: AbortSignal): Promise<void> {
  return pause(Number.POSITIVE_INFINITY, closed);
}
