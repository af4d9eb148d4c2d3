/** Makes the services of the job from those of the gateway. */
import { createRecordedAt } from '../recordings/recorded-at.ts';
import { describeCause, StoreError } from '../store/failure.ts';
import { createExportKeys, type ExportKeysOptions } from './credentials.ts';
import type { JobServices } from './job.ts';
import { createLedger } from './ledger.ts';

type Made = 'ledger' | 'keys' | 'recordedAt' | 'onStatus' | 'onFailure';

export interface JobServicesOptions extends Omit<JobServices, Made>, ExportKeysOptions {
  /** Of the legacy service's clock. */
  readonly timeZone: string | null;
  /** Writes one event as one line. */
  readonly log: (event: Readonly<Record<string, unknown>>) => void;
}

export function createJobServices({ timeZone, log, ...options }: JobServicesOptions): JobServices {
  return {
    ...options,
    recordedAt: createRecordedAt(timeZone),
    ledger: createLedger({ store: options.store }),
    keys: createExportKeys(options),
    onStatus: ({ id, status, reason, progress }) =>
      log({ level: reason ? 'warn' : 'info', event: 'export', export: id, status, reason, ...progress }),
    onFailure: (id, error) =>
      log({ level: 'warn', event: 'export-step-failed', export: id, error: describeFailure(error) }),
  };
}

/** The cause of a StoreError says more. */
function describeFailure(error: unknown): string {
  return describeCause(error instanceof StoreError ? (error.cause ?? error) : error);
}
