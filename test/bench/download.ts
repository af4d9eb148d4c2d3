/** Downloads one audio at full speed or slowly, and measures the cost. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { keys } from './load.ts';
import { cpuTime, memory } from './processes.ts';

const authorization = `Basic ${btoa(`${keys.accessKey}:${keys.secretAccessKey}`)}`;
const mega = 1_000_000;

export interface Server {
  readonly url: string;
  readonly pid: number;
}

export interface DownloadOptions {
  readonly range?: string;
  /** Of the recording. */
  readonly sid?: string;
  /** Any other length is an error. In bytes. */
  readonly expected: number;
}

export interface Download {
  /** From the request to the last byte, in seconds. */
  readonly time: number;
  /** Of the server, in milliseconds per megabyte. */
  readonly cpu: number;
}

export async function download(server: Server, { range, sid, expected }: DownloadOptions): Promise<Download> {
  const cpu = cpuTime(server.pid);
  const startedAt = performance.now();
  const response = await ask(server, range, sid);
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
  });
  await once(response, 'end');
  if (length !== expected) throw new Error(`${server.url}: ${length} bytes instead of ${expected}`);
  const time = (performance.now() - startedAt) / 1000;
  return { time, cpu: (cpuTime(server.pid) - cpu) / (length / mega) };
}

/** Growth of the server's process in MiB while a client reads almost nothing for five seconds. */
export async function growthBySlowClient(server: Server): Promise<number> {
  const first = await ask(server, 'bytes=0-99');
  first.resume();
  await once(first, 'end');
  const before = memory(server.pid).resident;
  const response = await ask(server);
  let largest = before;
  for (let tick = 0; tick < 50; tick += 1) {
    response.read(1000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    largest = Math.max(largest, memory(server.pid).resident);
  }
  response.destroy();
  return largest - before;
}

async function ask({ url }: Server, range?: string, sid = '1'): Promise<IncomingMessage> {
  const headers = { authorization, ...(range && { range }) };
  const request = get(`${url}/recordings/${sid}/audio`, { agent: false, headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const isRight = response.statusCode === (range ? 206 : 200);
  // Peers do not support ranges, so none is requested.
  if (!isRight) throw new Error(`${url}: ${response.statusCode}`);
  return response;
}
