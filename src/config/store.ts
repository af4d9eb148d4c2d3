/** Reads the configuration of the Node process's store. */
import { ConfigError, type Environment, parseVariables } from './parse.ts';
import { storeVariables } from './variables.ts';

export type StoreConfig = { readonly kind: 'folder'; readonly directory: string } | S3Config;

export interface S3Config {
  readonly kind: 's3';
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
  /** Null for AWS, where the bucket has its own host. */
  readonly endpoint: URL | null;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string | null;
  };
}

export interface StoreConfigs {
  /** Null without a configured store. */
  readonly store: StoreConfig | null;
  /** The exports' own store; null if they use `store`. */
  readonly exportStore: StoreConfig | null;
  /** Where the engine of exports stores its runs: a Postgres URL or the path of a file. Null if neither is possible. */
  readonly workflowDatabase: { readonly postgres: string } | { readonly file: string } | null;
}

/** Throws ConfigError. */
export function readStoreConfigs(environment: Environment): StoreConfigs {
  const values = parseVariables(storeVariables, environment);
  const store = toStoreConfig('STORE', values);
  const exportStore = toStoreConfig('EXPORT_STORE', values);
  return { store, exportStore, workflowDatabase: toDatabase(values, [store, exportStore]) };
}

type StoreValues = ReturnType<typeof parseVariables<typeof storeVariables>>;

function toDatabase(
  { WORKFLOW_DATABASE_URL: url }: StoreValues,
  stores: readonly (StoreConfig | null)[],
): StoreConfigs['workflowDatabase'] {
  if (url?.startsWith('file:')) return { file: url.slice('file:'.length) };
  if (url !== undefined) return { postgres: url };
  const folder = stores.find((store) => store?.kind === 'folder');
  return folder?.kind === 'folder' ? { file: `${folder.directory}/workflows.sqlite` } : null;
}

function toStoreConfig(name: 'STORE' | 'EXPORT_STORE', values: StoreValues): StoreConfig | null {
  const url = values[name];
  if (url === undefined) return null;
  if (url.startsWith('file:')) return { kind: 'folder', directory: url.slice('file:'.length) };
  const { hostname: bucket, pathname } = new URL(url);
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = values;
  if (!accessKeyId || !secretAccessKey) {
    throw new ConfigError(`${name} needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`);
  }
  const path = pathname.replace(/^\/+|\/+$/g, '');
  return {
    kind: 's3',
    bucket,
    prefix: path === '' ? '' : `${path}/`,
    endpoint: values.S3_ENDPOINT === undefined ? null : new URL(values.S3_ENDPOINT),
    region: values.S3_REGION,
    credentials: { accessKeyId, secretAccessKey, sessionToken: values.AWS_SESSION_TOKEN ?? null },
  };
}
