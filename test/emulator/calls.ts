/** The log of legacy calls, without keys. */

type CallState =
  /** The response is being made or sent. */
  | 'open'
  /** The response was sent completely, even if a fault made it wrong. */
  | 'finished'
  /** The caller disconnected before the end. */
  | 'aborted'
  /** A fault broke the connection. */
  | 'broken';

export interface LegacyCall {
  /** Counts from 1 since the last reset. */
  readonly number: number;
  readonly method: string;
  /** Empty if the call names none. */
  readonly action: string;
  /** The account's name; null if the keys are missing or wrong. */
  readonly account: string | null;
  /** All parameters except keys and action. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly state: CallState;
  /** Null before there is a response. */
  readonly status: number | null;
  readonly bytesSent: number;
  /** The fault applied to it. */
  readonly fault: string | null;
}

/** The emulator's own view of a call. */
export type RunningCall = { -readonly [Field in keyof LegacyCall]: LegacyCall[Field] };

export interface CallLog {
  /** Oldest first; only the latest `maxCalls` are kept. */
  readonly calls: readonly LegacyCall[];
  begin(call: Pick<LegacyCall, 'method' | 'action' | 'account' | 'parameters' | 'headers'>): RunningCall;
  /** Only the first end of a call counts. */
  end(call: RunningCall, state: CallState): void;
  open(): number;
  /** Resolves when no call is open; rejects after ten seconds, when a busy machine is no excuse any more. */
  idle(): Promise<void>;
  /** Of all calls since the last reset, including dropped ones. */
  count(): number;
  /** Also clears open calls. */
  clear(): void;
}

const maxCalls = 10_000;
const idleMs = 10_000;

export function createCallLog(now: () => number): CallLog {
  const calls: RunningCall[] = [];
  const open = new Set<RunningCall>();
  let count = 0;
  /** Called when the last open call has ended. */
  const waiting = new Set<() => void>();
  return {
    calls,
    begin(known) {
      const call: RunningCall = {
        ...known,
        number: ++count,
        startedAt: now(),
        endedAt: null,
        state: 'open',
        status: null,
        bytesSent: 0,
        fault: null,
      };
      calls.push(call);
      if (calls.length >= 2 * maxCalls) calls.splice(0, maxCalls);
      open.add(call);
      return call;
    },
    end(call, state) {
      if (!open.delete(call)) return;
      call.state = state;
      call.endedAt = now();
      if (open.size === 0) for (const resolve of waiting) resolve();
    },
    open: () => open.size,
    idle: () =>
      new Promise((resolve, reject) => {
        if (open.size === 0) return resolve();
        const settle = () => {
          waiting.delete(settle);
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(() => {
          waiting.delete(settle);
          const names = Array.from(open, ({ number, action, fault }) => `${number} ${action} (${fault})`);
          reject(new Error(`Still open after ${idleMs} ms: ${names.join(', ')}`));
        }, idleMs);
        waiting.add(settle);
      }),
    count: () => count,
    clear() {
      calls.length = 0;
      open.clear();
      count = 0;
    },
  };
}
