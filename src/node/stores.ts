/** Opens the store that the configuration names, and keeps a folder swept. */
import { ConfigError, type StoreConfig } from '../config.ts';
import type { Platform } from '../services.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { createFolderStore } from './folder-store.ts';

const sweepIntervalMs = 60 * 60 * 1000;

/** Throws ConfigError where the store cannot be used as configured. */
export async function openStore(config: StoreConfig, log: Platform['log']): Promise<ObjectStore> {
  if (config.kind === 's3') throw new ConfigError('STORE: s3 is not built yet');
  return openFolder(config.directory, log);
}

function openFolder(directory: string, log: Platform['log']): ObjectStore {
  const store = create(directory);
  const sweep = () => {
    store.sweep().catch((cause: unknown) => {
      log({
        level: 'warn',
        event: 'store-sweep-failed',
        error: cause instanceof Error ? cause.message : 'unknown',
      });
    });
  };
  sweep();
  setInterval(sweep, sweepIntervalMs).unref();
  return store;
}

function create(directory: string) {
  try {
    return createFolderStore({ directory });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new ConfigError(`STORE: the folder cannot be used: ${reason}`);
  }
}
