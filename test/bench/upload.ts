/** Uploads one WAV of any length at full speed, and measures the cost. */
import { once } from 'node:events';
import { request } from 'node:http';
import { authorization } from './load.ts';
import { cpuTime, memory } from './processes.ts';

const mega = 1_000_000;
const block = Buffer.alloc(1024 * 1024, 'not one byte of this is looked at ');

export interface Uploaded {
  /** From the first byte to the response, in seconds. */
  readonly time: number;
  /** Of the server, in milliseconds per megabyte. */
  readonly cpu: number;
}

export interface UploadOptions {
  readonly sizeBytes: number;
  /** In chunks otherwise. */
  readonly isLengthKnown: boolean;
}

interface Server {
  readonly url: string;
  readonly pid: number;
}

export async function upload(server: Server, { sizeBytes, isLengthKnown }: UploadOptions): Promise<Uploaded> {
  const cpu = cpuTime(server.pid);
  const startedAt = performance.now();
  const call = request(`${server.url}/uploads/audio?type=findme&id=1234`, {
    method: 'POST',
    agent: false,
    headers: {
      authorization,
      'content-type': 'audio/wav',
      ...(isLengthKnown && { 'content-length': sizeBytes }),
    },
  });
  const responded = once(call, 'response');
  await Promise.race([send(call, sizeBytes), responded]);
  const [response] = await responded;
  let text = '';
  for await (const chunk of response) text += chunk;
  if (response.statusCode !== 201) throw new Error(`${server.url}: ${response.statusCode} ${text}`);
  const time = (performance.now() - startedAt) / 1000;
  return { time, cpu: (cpuTime(server.pid) - cpu) / (sizeBytes / mega) };
}

async function send(call: ReturnType<typeof request>, sizeBytes: number): Promise<void> {
  const head = createHead(sizeBytes);
  call.write(head);
  for (let left = sizeBytes - head.length; left > 0; left -= block.length) {
    if (!call.write(left < block.length ? block.subarray(0, left) : block)) await once(call, 'drain');
  }
  call.end();
}

/** Of a WAV: PCM, 16 bits, mono, at 8 kHz. */
function createHead(sizeBytes: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF');
  head.writeUInt32LE(sizeBytes - 8, 4);
  head.write('WAVEfmt ', 8);
  for (const [at, value] of [
    [16, 16],
    [24, 8000],
    [28, 16_000],
    [40, sizeBytes - 44],
  ] as const)
    head.writeUInt32LE(value, at);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    head.writeUInt16LE(value, at);
  head.write('data', 36);
  return head;
}

/** How far the process grows beyond its size after a short upload, in MiB. */
export async function growthByUpload(server: Server, options: UploadOptions): Promise<number> {
  await upload(server, { ...options, sizeBytes: mega });
  const before = memory(server.pid).resident;
  await upload(server, options);
  return memory(server.pid).peak - before;
}
