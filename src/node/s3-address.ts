/** Where a bucket and its objects lie: on a host of the bucket's own, or below its name on the server's host. */
import type { S3Config } from '../config/store.ts';

export interface S3Address {
  readonly origin: string;
  /** The path of the bucket itself. */
  readonly bucketPath: string;
  /** The path of an object, by its key without the configured prefix. */
  toObjectPath(key: string): string;
}

/** An endpoint whose host begins with the bucket's name is the bucket's own; any other has it in its path. */
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

/** The certificate of AWS covers one label before its domain, so a bucket with dots goes into the path. */
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
