/** Signed requests to an S3 bucket, with deadlines and retries: aws4fetch's signer over undici, which streams without copies. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import { type Dispatcher, Pool } from 'undici';
import type { S3Config } from '../config/store.ts';
import { toAddress } from './s3-address.ts';

interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Without the configured prefix; null for the bucket itself. */
  readonly key: string | null;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** An iterable is sent once, and its writer watches its pace; other bodies may be sent again. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** `any`: after every transient failure. `refused`: only if the server says that it did nothing. */
  readonly retry?: 'any' | 'refused' | 'never';
  /** Statuses that are results instead of failures. */
  readonly expect: readonly number[];
  /** Ends the request and its retries. */
  readonly signal?: AbortSignal;
}

export interface S3Client {
  readonly limits: S3Limits;
  /** The caller reads or dumps the body. Throws S3Error, or the connection's error. */
  request(request: S3Request): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}

export interface S3Limits {
  /** For the response's headers, after the time that the body needs at the slowest pace. */
  readonly responseMs: number;
  /** A server that neither accepts nor sends bytes for this long is given up. */
  readonly stallMs: number;
  /** No attempt starts later than this after the first. */
  readonly retryMs: number;
  /** Before the second attempt, on average; it doubles with each. */
  readonly firstPauseMs: number;
}

const defaultLimits: S3Limits = {
  responseMs: 10_000,
  stallMs: 30_000,
  retryMs: 15_000,
  firstPauseMs: 200,
};

/** A slower server is given up. */
const minBytesPerMs = 250;

const maxAttempts = 4;

export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly status: number;
  /** S3's error code, such as NoSuchBucket; empty without one. */
  readonly code: string;

  constructor(status: number, code: string) {
    super(`S3 responded ${status} ${code}`.trimEnd());
    this.status = status;
    this.code = code;
  }
}

/** Statuses that mean the server did nothing. */
const refusals: readonly number[] = [429, 503];
const passing: readonly number[] = [...refusals, 500, 502, 504];

export function createS3Client(config: S3Config, limits = defaultLimits): S3Client {
  const address = toAddress(config);
  const pool = new Pool(address.origin, {
    connect: { timeout: 5000 },
    headersTimeout: limits.stallMs,
    bodyTimeout: limits.stallMs,
  });
  const { accessKeyId, secretAccessKey, sessionToken } = config.credentials;
  /** Of the day's signing key, which takes four of a signature's five HMACs. */
  const cache = new Map<string, ArrayBuffer>();

  async function send(request: S3Request, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { method, key, query = {}, headers = {}, body = null } = request;
    const url = new URL(key === null ? address.bucketPath : address.toObjectPath(key), address.origin);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    // S3's canonical query uses %20, where forms use a plus.
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
      cache,
    });
    const signed = await signer.sign();
    return await pool.request({
      method,
      path: `${signed.url.pathname}${signed.url.search}`,
      headers: Object.fromEntries(signed.headers),
      // undici's documentation lists iterables, and its types do not.
      body: body as Exclude<Dispatcher.DispatchOptions['body'], undefined>,
      signal,
    });
  }

  /** The deadline ends with the headers: a body may take its time if it does not stall. */
  async function sendInTime(request: S3Request): Promise<Dispatcher.ResponseData> {
    const late = new AbortController();
    const limitMs = toLimitMs(request.body, limits.responseMs);
    const timer =
      limitMs &&
      setTimeout(() => late.abort(new DOMException('S3 did not respond in time', 'TimeoutError')), limitMs);
    const signals = request.signal ? [request.signal, late.signal] : [late.signal];
    return await send(request, AbortSignal.any(signals)).finally(() => timer && clearTimeout(timer));
  }

  async function attempt(request: S3Request): Promise<Dispatcher.ResponseData> {
    const response = await sendInTime(request);
    if (request.expect.includes(response.statusCode)) return response;
    const text = await response.body.text();
    throw new S3Error(response.statusCode, /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? '');
  }

  return {
    limits,
    async request(request) {
      const { retry = 'any', signal } = request;
      const startedAt = performance.now();
      for (let tries = 1; ; tries += 1) {
        try {
          return await attempt(request);
        } catch (error) {
          const statuses = retry === 'any' ? passing : refusals;
          const mayPass = error instanceof S3Error ? statuses.includes(error.status) : retry === 'any';
          const isLate = performance.now() - startedAt > limits.retryMs;
          if (retry === 'never' || !mayPass || isLate || tries === maxAttempts || signal?.aborted)
            throw error;
          const pauseMs = limits.firstPauseMs * 2 ** (tries - 1) * (0.5 + Math.random());
          await sleep(pauseMs, undefined, signal && { signal });
        }
      }
    },
    close: () => pool.destroy(),
  };
}

/** Null for iterables. */
function toLimitMs(body: S3Request['body'], responseMs: number): number | null {
  if (body instanceof Uint8Array || typeof body === 'string') return responseMs + body.length / minBytesPerMs;
  return body ? null : responseMs;
}
