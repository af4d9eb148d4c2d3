/** Makes the services of walks from those of the gateway. */
import { createRecordedAt } from './recorded-at.ts';
import { toJsonLine } from './recording.ts';
import { createListSnapshots, type ListSnapshotsOptions } from './snapshots.ts';
import type { WalkServices } from './walk.ts';

export interface WalkServicesOptions
  extends Omit<WalkServices, 'listSnapshots' | 'toLine'>,
    Pick<ListSnapshotsOptions, 'waitUntil' | 'responseMs'> {
  readonly store: ListSnapshotsOptions['store'] | null;
  /** Of the legacy service's clock. */
  readonly timeZone: string | null;
  /** Before the paths of links. */
  readonly basePath: string;
}

export function createWalkServices(options: WalkServicesOptions): WalkServices {
  const { store, timeZone, basePath, waitUntil, responseMs, ...services } = options;
  const recordedAt = createRecordedAt(timeZone);
  const toLine: WalkServices['toLine'] = (recording) => toJsonLine(recording, recordedAt, basePath);
  const listSnapshots =
    store &&
    createListSnapshots({
      store,
      toLine,
      form: JSON.stringify([timeZone, basePath]),
      waitUntil,
      onFailure: services.onStoreFailure,
      responseMs,
    });
  return { ...services, listSnapshots, toLine };
}
