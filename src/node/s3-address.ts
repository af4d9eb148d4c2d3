/** Addresses of a bucket and its objects: on the bucket's own host, or below its name on the server's host. */
import type { S3Config } from '../config/store.ts';

export interface S3Address {
  readonly origin: string;
  /** The path of the bucket. */
  readonly bucketPath: string;
  /** The path of an object, by its key without the configured prefix. */
  toObjectPath(key: string): string;
}

/** An endpoint whose host starts with the bucket's name is the bucket's own; any other has the bucket in its path. */
export function toAddress({ bucket, prefix, endpoint, region }: S3Config): S3Address {
  const base = endpoint ?? toAmazon(bucket, region);
  const root = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
  const isOwnHost = base.hostname.startsWith(`${bucket}.`);
  const below = isOwnHost ? root : `${root}${bucket}/`;
  return {
    origin: base.origin,
    bucketPath: isOwnHost ? root : `${root}${bucket}`,
    toObjectPath: (key) => below + encodeKey(prefix + key),
  };
}

/** AWS's certificate covers one label before its domain, so a bucket with dots is in the path. */
function toAmazon(bucket: string, region: string): URL {
  const host = `s3.${region}.amazonaws.com`;
  return new URL(bucket.includes('.') ? `https://${host}` : `https://${bucket}.${host}`);
}

function encodeKey(key: string): string {
  const encode = (text: string) =>
    encodeURIComponent(text).replace(
      /[!'()*]/g,
      (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  return key.split('/').map(encode).join('/');
}
