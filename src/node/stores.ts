/** Opens the configured store, and reports mistakes in its configuration. */
import { ConfigError } from '../config/parse.ts';
import type { S3Config, StoreConfig } from '../config/store.ts';
import type { Platform } from '../services.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { storeTimeoutMs, withTimeout } from '../store/timeout.ts';
import { createFolderStore } from './folder-store.ts';
import { S3Error } from './s3-client.ts';
import { createS3Store } from './s3-store.ts';

const sweepIntervalMs = 60 * 60 * 1000;

/** Where the operator has named the store, for messages. */
type StoreName = 'STORE' | 'EXPORT_STORE' | '--to';

/** Throws ConfigError if the store cannot be used as configured. */
export async function openStore(
  config: StoreConfig,
  log: Platform['log'],
  name: StoreName = 'STORE',
): Promise<ObjectStore> {
  try {
    return config.kind === 's3' ? await openS3(config, log) : openFolder(config.directory, log);
  } catch (cause) {
    if (cause instanceof StoreMistake) throw new ConfigError(`${name}: ${cause.message}`);
    throw cause;
  }
}

/** A mistake in the address of the store. */
class StoreMistake extends Error {
  override readonly name = 'StoreMistake';
}

function openFolder(directory: string, log: Platform['log']): ObjectStore {
  const store = createFolder(directory);
  const sweep = () => {
    store.sweep().catch((cause: unknown) => log(toWarning('store-sweep-failed', cause)));
  };
  sweep();
  setInterval(sweep, sweepIntervalMs).unref();
  return store;
}

function createFolder(directory: string) {
  try {
    return createFolderStore({ directory });
  } catch (cause) {
    throw new StoreMistake(`the folder cannot be used: ${toText(cause)}`);
  }
}

/** A server that is down is not a mistake: audio comes from the legacy service meanwhile. */
async function openS3(config: S3Config, log: Platform['log']): Promise<ObjectStore> {
  const store = createS3Store(config);
  const probing = store.honoursConditions().then((isHonoured) => {
    if (!isHonoured) log({ level: 'warn', event: 'store-ignores-conditions' });
  });
  try {
    // A silent server would delay the start until its requests and retries have ended.
    await withTimeout(storeTimeoutMs, probing);
  } catch (cause) {
    if (cause instanceof S3Error) assertUsable(cause, config);
    log(toWarning('store-unreachable', cause));
  }
  return store;
}

function assertUsable({ status, code }: S3Error, { bucket, region }: S3Config): void {
  if (code === 'NoSuchBucket') throw new StoreMistake(`there is no bucket ${bucket}`);
  if (status === 401 || status === 403) {
    throw new ConfigError(`AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: S3 rejects them (${status} ${code})`);
  }
  if (status >= 300 && status < 500 && status !== 429) {
    throw new ConfigError(
      `S3_ENDPOINT and S3_REGION: S3 responds ${status} ${code}; the region is ${region}`,
    );
  }
}

function toWarning(event: string, cause: unknown) {
  return { level: 'warn', event, error: toText(cause) };
}

function toText(cause: unknown): string {
  return cause instanceof Error ? cause.message || cause.name : 'unknown';
}
