/** Sends requests as fast as a server responds, and measures rate, latency and CPU time. */
import autocannon from 'autocannon';
import { cpuTime } from './processes.ts';

export const keys = { accessKey: 'foofoofoo', secretAccessKey: 'foobarfoo' };

export const authorization = `Basic ${btoa(`${keys.accessKey}:${keys.secretAccessKey}`)}`;

export interface LoadOptions {
  readonly url: string;
  /** The process whose CPU time is measured. */
  readonly pid: number;
  readonly connections: number;
  readonly seconds: number;
  /** In addition to the credentials. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Load {
  /** Responses per second. */
  readonly rate: number;
  /** In milliseconds. */
  readonly latency: { readonly p50: number; readonly p99: number };
  /** Of the server, in milliseconds per response. */
  readonly cpu: number;
}

/** Throws if a response is not a 2xx. */
export async function load({ url, pid, connections, seconds, headers }: LoadOptions): Promise<Load> {
  const before = cpuTime(pid);
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    headers: { authorization, accept: 'application/json', ...headers },
  });
  const answers = result['2xx'];
  if (answers === 0 || result.non2xx + result.errors + result.timeouts > 0) {
    throw new Error(`${url}: ${answers} good answers, ${result.non2xx} others, ${result.errors} errors`);
  }
  const { p50, p99 } = result.latency;
  return { rate: answers / result.duration, latency: { p50, p99 }, cpu: (cpuTime(pid) - before) / answers };
}
