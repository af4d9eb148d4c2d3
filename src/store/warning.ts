/** Logs failures of the store that the gateway survives. */
import { CircuitOpenError, describeCause } from './failure.ts';

export type WarnOfStore = (cause: unknown, requestId: string | null) => void;

export function createStoreWarning(
  event: string,
  log: (event: Readonly<Record<string, unknown>>) => void,
): WarnOfStore {
  return (cause, requestId) => {
    // The line of the open circuit stands for all of them.
    if (cause instanceof CircuitOpenError) return;
    const time = new Date().toISOString();
    log({ level: 'warn', event, time, request_id: requestId, error: describeCause(cause) });
  };
}
