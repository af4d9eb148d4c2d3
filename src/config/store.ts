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

/** Null without a configured store. Throws ConfigError. */
export function readStoreConfig(environment: Environment): StoreConfig | null {
  const values = parseVariables(storeVariables, environment);
  if (values.STORE === undefined) return null;
  if (values.STORE.startsWith('file:'))
    return { kind: 'folder', directory: values.STORE.slice('file:'.length) };
  const { hostname: bucket, pathname } = new URL(values.STORE);
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = values;
  if (!accessKeyId || !secretAccessKey) {
    throw new ConfigError('STORE needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
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
