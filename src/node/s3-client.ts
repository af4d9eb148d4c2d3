/** Signed requests to an S3 bucket, with retries: aws4fetch's signer over undici, which streams without copies. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import { type Dispatcher, Pool } from 'undici';
import type { S3Config } from '../config/store.ts';

interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Without the configured prefix; null for the bucket itself. */
  readonly key: string | null;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is sent once; other bodies may be sent again. */
  readonly body?: Dispatcher.DispatchOptions['body'];
  /** `any`: after every failure that may pass. `refused`: only where the server says that it did nothing. */
  readonly retry?: 'any' | 'refused' | 'never';
  /** Statuses that are results and no failures. */
  readonly expect: readonly number[];
}

export interface S3Client {
  /** The caller reads the body or dumps it. Throws S3Error, or the connection's error. */
  request(request: S3Request): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}

export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly status: number;
  /** As S3 names it, such as NoSuchBucket; empty without one. */
  readonly code: string;

  constructor(status: number, code: string) {
    super(`S3 responded ${status} ${code}`.trimEnd());
    this.status = status;
    this.code = code;
  }
}

const maxAttempts = 4;
const firstPauseMs = 100;
const timeoutMs = 30_000;

/** The server did nothing. */
const refusals: readonly number[] = [429, 503];
const passing: readonly number[] = [...refusals, 500, 502, 504];

export function createS3Client(config: S3Config): S3Client {
  const base = toBase(config);
  const pool = new Pool(base.origin, {
    connect: { timeout: 5000 },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const { accessKeyId, secretAccessKey, sessionToken } = config.credentials;

  async function send({ method, key, query = {}, headers = {}, body = null }: S3Request) {
    const url = new URL(key === null ? base.bucket : `${base.prefix}${encodeKey(key)}`, base.origin);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    // S3's canonical query has %20, where forms have a plus.
    url.search = url.search.replaceAll('+', '%20');
    const signer = new AwsV4Signer({
      method,
      url: url.href,
      headers,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== null && { sessionToken }),
      service: 's3',
      region: config.region,
    });
    const signed = await signer.sign();
    return await pool.request({
      method,
      path: `${signed.url.pathname}${signed.url.search}`,
      headers: Object.fromEntries(signed.headers),
      body,
    });
  }

  async function attempt(request: S3Request): Promise<Dispatcher.ResponseData> {
    const response = await send(request);
    if (request.expect.includes(response.statusCode)) return response;
    const text = await response.body.text();
    throw new S3Error(response.statusCode, /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? '');
  }

  return {
    async request(request) {
      const { retry = 'any' } = request;
      for (let tries = 1; ; tries += 1) {
        try {
          return await attempt(request);
        } catch (error) {
          const statuses = retry === 'any' ? passing : refusals;
          const mayPass = error instanceof S3Error ? statuses.includes(error.status) : retry === 'any';
          if (retry === 'never' || !mayPass || tries === maxAttempts) throw error;
          await sleep(firstPauseMs * 2 ** tries * (0.5 + Math.random()));
        }
      }
    },
    close: () => pool.destroy(),
  };
}

interface Base {
  readonly origin: string;
  /** The path of the bucket itself, and of what the keys follow. */
  readonly bucket: string;
  readonly prefix: string;
}

/** An endpoint whose host begins with the bucket's name is the bucket's own; any other has it in its path. */
function toBase({ bucket, prefix, endpoint, region }: S3Config): Base {
  const path = encodeKey(prefix);
  if (!endpoint) {
    return { origin: `https://${bucket}.s3.${region}.amazonaws.com`, bucket: '/', prefix: `/${path}` };
  }
  const root = endpoint.pathname.endsWith('/') ? endpoint.pathname : `${endpoint.pathname}/`;
  const isOwnHost = endpoint.hostname.startsWith(`${bucket}.`);
  const inBucket = isOwnHost ? root : `${root}${bucket}/`;
  return { origin: endpoint.origin, bucket: isOwnHost ? root : `${root}${bucket}`, prefix: inBucket + path };
}

function encodeKey(key: string): string {
  const encode = (text: string) =>
    encodeURIComponent(text).replace(
      /[!'()*]/g,
      (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  return key.split('/').map(encode).join('/');
}
